/** Pages of users in several orders, each of which has an index. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from '../database/schema.ts';
import { type ListedUser, toUser } from './users.ts';

/** The sort key of a list; the id breaks ties. */
export type UserOrder = 'name' | 'joined' | 'last_seen' | 'balance';

/** The last user of a page: its sort key and id. */
export interface UserCursor {
  readonly value: string | number;
  readonly id: number;
}

/** Filters, order and position of a page. */
export interface UserListQuery {
  /** The beginning of the name, ignoring the case of ASCII letters. */
  readonly prefix?: string | undefined;
  readonly state?: 'active' | 'disabled' | undefined;
  readonly role?: 'staff' | 'superuser' | undefined;
  readonly order: UserOrder;
  readonly isDescending: boolean;
  readonly after?: UserCursor | undefined;
  readonly limit: number;
}

/** What else a user has a part in. */
export interface UserPlaces {
  /** The name of the plan; undefined for none. */
  readonly plan: string | undefined;
  /** The names of groups that have not ended. */
  readonly groups: readonly string[];
}

/**
 * Sources of users for each order, read along its index. PostgreSQL may merge two tables by id, so
 * the cursor is compared with both ids.
 */
const BY_INDEX = {
  name: { from: sql`users u`, value: sql`lower(u.username)`, ids: [sql`u.id`] },
  joined: { from: sql`users u`, value: sql`u.joined_at`, ids: [sql`u.id`] },
  last_seen: { from: sql`users u`, value: sql`u.last_seen_at`, ids: [sql`u.id`] },
  balance: {
    from: sql`accounts a JOIN users u ON u.id = a.id`,
    value: sql`a.posted`,
    ids: [sql`a.id`, sql`u.id`],
  },
} as const;

/** Sort keys for few users. Balances are looked up one by one: a join may read all of them. */
const BY_SORTING = {
  ...BY_INDEX,
  balance: { value: sql`(SELECT posted FROM accounts WHERE id = u.id)`, ids: [sql`u.id`] },
} as const;

/** Sorting this many takes about as long as finding a page of them in an index of a million. */
const SORT_LIMIT = 15_000;

/** Sorts after every string with the same beginning, byte by byte. */
const LAST = '\u{10FFFF}';

/** Reads pages of users. */
export class UserLists {
  readonly #db: Kysely<Database>;
  readonly #sortLimit: number;

  /**
   * @param reads for queries that can take long
   * @param sortLimit how many matching users are too many to be sorted
   */
  constructor(reads: Kysely<Database>, sortLimit = SORT_LIMIT) {
    this.#db = reads;
    this.#sortLimit = sortLimit;
  }

  /** A page of users, each with the cursor that leads on from it. */
  async page(query: UserListQuery): Promise<{ user: ListedUser; cursor: UserCursor }[]> {
    const { isDescending, after, limit } = query;
    const { from, value, ids, conditions } = await this.#sourceOf(query);
    const direction = sql.raw(isDescending ? 'DESC' : 'ASC');
    const beyond = sql.raw(isDescending ? '<' : '>');
    const read = async (position: RawBuilder<unknown>[], most: number) => {
      const { rows } = await sql<ListedRow>`
        SELECT p.*, accounts.posted, accounts.held
        FROM (
          SELECT u.*, ${value} AS sorted_by FROM ${from}
          WHERE ${sql.join([...conditions, ...position], sql` AND `)}
          ORDER BY ${value} ${direction}, ${ids[0]} ${direction} LIMIT ${most}
        ) p JOIN accounts ON accounts.id = p.id
        ORDER BY p.sorted_by ${direction}, p.id ${direction}`.execute(this.#db);
      return rows;
    };
    // Two statements, since SQLite uses only the first half of a pair to seek in an index.
    const ties = after
      ? await read(
          [sql`${value} = ${after.value}`, ...ids.map((id) => sql`${id} ${beyond} ${after.id}`)],
          limit,
        )
      : [];
    const further = after ? [sql`${value} ${beyond} ${after.value}`] : [];
    const rest = ties.length < limit ? await read(further, limit - ties.length) : [];
    return [...ties, ...rest].map((row) => ({
      user: { ...toUser(row), availableCredits: row.posted - row.held, heldCredits: row.held },
      cursor: { value: row.sorted_by, id: row.id },
    }));
  }

  /** The name of the plan and the names of the groups of each of these users. */
  async placesOf(userIds: readonly number[]): Promise<Map<number, UserPlaces>> {
    const found = new Map<number, { plan: string | undefined; groups: string[] }>();
    if (userIds.length === 0) return found;
    const plans = await this.#db
      .selectFrom('accounts as a')
      .leftJoin('plans as p', 'p.id', 'a.plan_id')
      .select(['a.id', 'p.name'])
      .where('a.id', 'in', userIds)
      .execute();
    for (const { id, name } of plans) found.set(id, { plan: name ?? undefined, groups: [] });
    const groups = await this.#db
      .selectFrom('group_members as m')
      .innerJoin('groups as g', 'g.id', 'm.group_id')
      .select(['m.user_id', 'g.name'])
      .where('m.user_id', 'in', userIds)
      .where('g.ended_at', 'is', null)
      .orderBy('g.name')
      .execute();
    for (const { user_id: userId, name } of groups) found.get(userId)?.groups.push(name);
    return found;
  }

  /**
   * Names have an index for every filter. In other orders, few matches are sorted, and for many the
   * index of the order is read.
   */
  async #sourceOf(query: UserListQuery): Promise<Source> {
    const conditions = conditionsOf(query, (column) => sql.raw(column));
    if (query.order === 'name' || !isNarrow(query)) return { ...BY_INDEX[query.order], conditions };
    const few = sql`(SELECT u.* FROM users u WHERE ${sql.join(conditions, sql` AND `)}
      ORDER BY lower(u.username), u.id LIMIT ${this.#sortLimit})`;
    const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM ${few} u`.execute(this.#db);
    if (Number(rows[0]?.n) < this.#sortLimit) {
      return { ...BY_SORTING[query.order], from: sql`${few} u`, conditions: [sql`1 = 1`] };
    }
    return { ...BY_INDEX[query.order], conditions: conditionsOf(query, withoutIndex) };
  }
}

interface Source {
  readonly from: RawBuilder<unknown>;
  readonly value: RawBuilder<unknown>;
  readonly ids: readonly RawBuilder<unknown>[];
  readonly conditions: RawBuilder<unknown>[];
}

/** Whether a filter may match few users, which an index by name finds. */
function isNarrow({ prefix, state, role }: UserListQuery): boolean {
  return prefix !== undefined || state === 'disabled' || role !== undefined;
}

/** The same value as an expression that no index has. */
function withoutIndex(column: string): RawBuilder<unknown> {
  return sql`coalesce(${sql.raw(column)}, NULL)`;
}

function conditionsOf(
  { prefix, state, role }: UserListQuery,
  as: (column: string) => RawBuilder<unknown>,
): RawBuilder<unknown>[] {
  const active = state === 'active' ? '1' : '0';
  return [
    sql`u.deleted_at IS NULL`,
    ...(state === undefined ? [] : [sql`${as('u.is_active')} = ${sql.raw(active)}`]),
    ...(role === undefined ? [] : [sql`${as('u.is_staff')} = 1`]),
    ...(role === 'superuser' ? [sql`u.is_superuser = 1`] : []),
    ...(prefix === undefined ? [] : startsWith(as('lower(u.username)'), prefix)),
  ];
}

type ListedRow = Parameters<typeof toUser>[0] & {
  readonly posted: number;
  readonly held: number;
  readonly sorted_by: string | number;
};

function startsWith(name: RawBuilder<unknown>, prefix: string): RawBuilder<unknown>[] {
  // `lower` of both databases folds ASCII only.
  const folded = prefix.replace(/[A-Z]/g, (it) => it.toLowerCase());
  return [sql`${name} >= ${folded}`, sql`${name} < ${folded + LAST}`];
}
