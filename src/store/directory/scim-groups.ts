/** Groups that a directory made by SCIM; of their members it sees its own users. */
import { type ExpressionBuilder, type Kysely, sql } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { ScimGroupFilter } from '../../core/scim.ts';
import type { Database } from '../database/schema.ts';
import { type Group, GroupNotAdded, insertGroup } from '../groups/groups.ts';
import { type ScimPage, userIdOrNobody } from './scim-users.ts';

export interface ScimGroup {
  readonly id: string;
  readonly name: string;
  readonly externalId: string | undefined;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
}

/** A user of the directory who is in a group. */
export interface ScimMember {
  readonly userId: number;
  readonly userName: string;
}

/** Groups of directories, in addition to what all groups have. */
export class ScimGroupStore {
  readonly #db: Kysely<Database>;
  readonly #reads: Kysely<Database>;

  /** @param reads for lists, which can take long */
  constructor(db: Kysely<Database>, reads: Kysely<Database>) {
    this.#db = db;
    this.#reads = reads;
  }

  /** Adds a group that a directory makes. @see GroupStore.add */
  async add(
    group: Group,
    entry: AuditEntry,
    externalId: string | undefined,
  ): Promise<'added' | GroupNotAdded['outcome']> {
    try {
      await this.#db.transaction().execute(async (transaction) => {
        await insertGroup(transaction, group, entry);
        await transaction
          .insertInto('scim_groups')
          .values({
            group_id: group.id,
            external_id: externalId ?? null,
            created_at: group.createdAtMs,
            changed_at: group.createdAtMs,
          })
          .execute();
      });
      return 'added';
    } catch (error) {
      if (error instanceof GroupNotAdded) return error.outcome;
      throw error;
    }
  }

  /** A group of the directory that has not ended. */
  async byId(id: string): Promise<ScimGroup | undefined> {
    const row = await rowsOf(this.#db).where('sg.group_id', '=', id).executeTakeFirst();
    return row && toScimGroup(row);
  }

  /** @param externalId null for none, undefined for the same as before */
  async note(id: string, externalId: string | null | undefined, atMs: number): Promise<void> {
    await this.#db
      .updateTable('scim_groups')
      .set({ changed_at: atMs, ...(externalId === undefined ? {} : { external_id: externalId }) })
      .where('group_id', '=', id)
      .execute();
  }

  /** Groups in the order of their ids, and how many there are in all. */
  async page(
    filter: ScimGroupFilter,
    { offset, limit }: ScimPage,
  ): Promise<{ readonly groups: ScimGroup[]; readonly total: number }> {
    const { total } = await this.#reads
      .selectFrom('scim_groups as sg')
      .innerJoin('groups as g', 'g.id', 'sg.group_id')
      .select((of) => of.fn.countAll<number>().as('total'))
      .where('g.ended_at', 'is', null)
      .where((is) => is.and(conditionsOf(filter, is)))
      .executeTakeFirstOrThrow();
    if (limit === 0) return { groups: [], total: Number(total) };
    const rows = await rowsOf(this.#reads)
      .where((is) => is.and(conditionsOf(filter, is)))
      .orderBy('sg.group_id')
      .limit(limit)
      .offset(offset)
      .execute();
    return { groups: rows.map(toScimGroup), total: Number(total) };
  }

  /** How many users of the directory are in each of these groups; none for those without. */
  async countMembers(ids: readonly string[]): Promise<Map<string, number>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#reads
      .selectFrom('group_members as m')
      .innerJoin('scim_users as su', 'su.user_id', 'm.user_id')
      .select((of) => ['m.group_id', of.fn.countAll<number>().as('members')])
      .where('m.group_id', 'in', ids)
      .where('su.removed_at', 'is', null)
      .groupBy('m.group_id')
      .execute();
    return new Map(rows.map(({ group_id: id, members }) => [id, Number(members)]));
  }

  /** The users of the directory in each of these groups, in the order of their ids. */
  async members(ids: readonly string[]): Promise<Map<string, ScimMember[]>> {
    const members = new Map<string, ScimMember[]>(ids.map((id) => [id, []]));
    if (ids.length === 0) return members;
    const rows = await this.#reads
      .selectFrom('group_members as m')
      .innerJoin('scim_users as su', 'su.user_id', 'm.user_id')
      .select(['m.group_id', 'm.user_id', 'su.user_name'])
      .where('m.group_id', 'in', ids)
      .where('su.removed_at', 'is', null)
      .orderBy('m.group_id')
      .orderBy('m.user_id')
      .execute();
    for (const { group_id: id, user_id: userId, user_name: userName } of rows) {
      members.get(id)?.push({ userId, userName });
    }
    return members;
  }
}

function rowsOf(db: Kysely<Database>) {
  return db
    .selectFrom('scim_groups as sg')
    .innerJoin('groups as g', 'g.id', 'sg.group_id')
    .selectAll('sg')
    .select('g.name')
    .where('g.ended_at', 'is', null);
}

type Row = Awaited<ReturnType<ReturnType<typeof rowsOf>['executeTakeFirstOrThrow']>>;

interface Joined extends Database {
  sg: Database['scim_groups'];
  g: Database['groups'];
}

function conditionsOf(filter: ScimGroupFilter, is: unknown) {
  const where = is as ExpressionBuilder<Joined, 'sg' | 'g'>;
  const { id, displayName, externalId, member } = filter;
  return [
    ...(id === undefined ? [] : [where('sg.group_id', '=', id)]),
    ...(displayName === undefined ? [] : [sql<boolean>`lower(g.name) = lower(${displayName})`]),
    ...(externalId === undefined ? [] : [where('sg.external_id', '=', externalId)]),
    ...(member === undefined
      ? []
      : [
          where.exists(
            where
              .selectFrom('group_members as m')
              .select('m.user_id')
              .whereRef('m.group_id', '=', 'sg.group_id')
              .where('m.user_id', '=', userIdOrNobody(member)),
          ),
        ]),
  ];
}

function toScimGroup(row: Row): ScimGroup {
  return {
    id: row.group_id,
    name: row.name,
    externalId: row.external_id ?? undefined,
    createdAtMs: row.created_at,
    changedAtMs: row.changed_at,
  };
}
