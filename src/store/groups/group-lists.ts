/** Pages of groups and of their members, in the order of their names. */
import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import type { Credits } from '../../core/credits.ts';
import type { Matching } from '../database/matching.ts';
import type { Database, GroupRow } from '../database/schema.ts';
import { type Group, toGroup } from './groups.ts';

/** The last row of a page. */
export interface NameCursor {
  /** The name in lower case. */
  readonly name: string;
  readonly id: string | number;
}

/** The account of a group. */
export interface Pool {
  readonly availableCredits: Credits;
  readonly heldCredits: Credits;
  /** The part of the balance that ends with its allowance. */
  readonly expiringCredits: Credits;
  /** What it is given again and again. */
  readonly plan:
    | {
        readonly id: string;
        readonly name: string;
        readonly renewsAtMs: number | undefined;
      }
    | undefined;
}

/** A group in a list. */
export interface ListedGroup {
  readonly group: Group;
  readonly members: number;
  readonly pool: Pool | undefined;
}

/** A member in a list. */
export interface ListedMember {
  readonly userId: number;
  readonly username: string;
  readonly isActive: boolean;
  readonly isManager: boolean;
  readonly joinedAtMs: number;
}

/** Filters and position of a page. */
export interface NamedPage {
  /** Text in the name, ignoring case. */
  readonly search?: string | undefined;
  readonly after?: NameCursor | undefined;
  readonly limit: number;
}

/** Reads pages of groups and members. */
export class GroupLists {
  readonly #db: Kysely<Database>;
  readonly #reads: Kysely<Database>;
  readonly #matching: Matching;

  /** @param reads for queries that can take long */
  constructor(db: Kysely<Database>, reads: Kysely<Database>, matching: Matching) {
    this.#db = db;
    this.#reads = reads;
    this.#matching = matching;
  }

  /** A page of groups, each with the cursor that leads on from it. */
  async page(
    query: NamedPage & { readonly state: 'active' | 'ended' },
  ): Promise<{ group: ListedGroup; cursor: NameCursor }[]> {
    const ended = query.state === 'ended' ? sql`IS NOT NULL` : sql`IS NULL`;
    const conditions = [
      sql`g.ended_at ${ended}`,
      ...this.#conditions(query, { name: 'g.name', id: 'g.id' }),
    ];
    const groups = await groupsWhere(this.#reads, conditions, query.limit);
    return groups.map((group) => ({
      group,
      cursor: { name: asciiLower(group.group.name), id: group.group.id },
    }));
  }

  /** One group as in the list. */
  async one(id: string): Promise<ListedGroup | undefined> {
    return (await groupsWhere(this.#db, [sql`g.id = ${id}`], 1))[0];
  }

  /** A page of the members of a group, each with the cursor that leads on from it. */
  async members(
    groupId: string,
    query: NamedPage,
  ): Promise<{ member: ListedMember; cursor: NameCursor }[]> {
    const conditions = [
      sql`m.group_id = ${groupId}`,
      sql`u.deleted_at IS NULL`,
      ...this.#conditions(query, { name: 'u.username', id: 'u.id' }),
    ];
    const { rows } = await sql<MemberRow>`SELECT u.id, u.username, u.is_active, m.is_manager,
        m.joined_at
      FROM group_members m JOIN users u ON u.id = m.user_id
      WHERE ${sql.join(conditions, sql` AND `)}
      ORDER BY lower(u.username), u.id LIMIT ${query.limit}`.execute(this.#reads);
    return rows.map((row) => ({
      member: {
        userId: row.id,
        username: row.username,
        isActive: row.is_active === 1,
        isManager: row.is_manager === 1,
        joinedAtMs: row.joined_at,
      },
      cursor: { name: asciiLower(row.username), id: row.id },
    }));
  }

  #conditions(
    { search, after }: NamedPage,
    { name, id }: { readonly name: string; readonly id: string },
  ): RawBuilder<unknown>[] {
    return [
      ...(search === undefined ? [] : [this.#matching(name, search)]),
      ...(after === undefined
        ? []
        : [sql`(lower(${sql.ref(name)}), ${sql.ref(id)}) > (${after.name}, ${after.id})`]),
    ];
  }
}

async function groupsWhere(
  db: Kysely<Database>,
  conditions: readonly RawBuilder<unknown>[],
  limit: number,
): Promise<ListedGroup[]> {
  const { rows } = await sql<ListedRow>`SELECT g.*, a.posted, a.held, a.expiring, a.plan_id,
      a.renews_at, p.name AS plan_name,
      (SELECT count(*) FROM group_members m JOIN users u ON u.id = m.user_id
        WHERE m.group_id = g.id AND u.deleted_at IS NULL) AS members
    FROM groups g LEFT JOIN accounts a ON a.id = g.pool_id LEFT JOIN plans p ON p.id = a.plan_id
    WHERE ${sql.join(conditions, sql` AND `)}
    ORDER BY lower(g.name), g.id LIMIT ${limit}`.execute(db);
  return rows.map((row) => ({
    group: toGroup(row),
    members: Number(row.members),
    pool: poolIn(row),
  }));
}

type ListedRow = Selectable<GroupRow> & {
  readonly posted: number | null;
  readonly held: number | null;
  readonly expiring: number | null;
  readonly plan_id: string | null;
  readonly plan_name: string | null;
  readonly renews_at: number | null;
  readonly members: number | string;
};

interface MemberRow {
  readonly id: number;
  readonly username: string;
  readonly is_active: 0 | 1;
  readonly is_manager: 0 | 1;
  readonly joined_at: number;
}

function poolIn(row: ListedRow): Pool | undefined {
  const { posted, held, expiring, plan_id: planId, plan_name: name, renews_at: renewsAtMs } = row;
  if (posted === null || held === null || expiring === null) return undefined;
  const plan =
    planId === null || name === null
      ? undefined
      : { id: planId, name, renewsAtMs: renewsAtMs ?? undefined };
  return {
    availableCredits: posted - held,
    heldCredits: held,
    expiringCredits: expiring,
    plan,
  };
}

/** As `lower` of both databases folds it. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (it) => it.toLowerCase());
}
