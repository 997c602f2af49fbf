/** Groups of users, such as classes and teams, with their members and pools. */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import type { AccountId } from '../../core/ledger.ts';
import { addAllToAuditLog, addToAuditLog, endLogged } from '../admin/audit-log.ts';
import type { Database, GroupRow } from '../database/schema.ts';

export interface Group {
  readonly id: string;
  readonly name: string;
  /** The account that pays for its members; undefined if they only belong together. */
  readonly poolId: AccountId | undefined;
  /** The models that the pool pays for; undefined for all. */
  readonly models: readonly string[] | undefined;
  readonly createdAtMs: number;
  /** Since when its pool pays no more. */
  readonly endedAtMs: number | undefined;
}

/** New values; what is not given stays. */
export interface GroupChange {
  readonly name?: string | undefined;
  /** null for all. */
  readonly models?: readonly string[] | null | undefined;
}

/** A group that a user is in. */
export interface Membership {
  readonly group: Group;
  readonly isManager: boolean;
  readonly joinedAtMs: number;
}

/** Both databases limit a statement to some tens of thousands of parameters. */
const CHUNK = 1_000;

/** Groups and who is in them. */
export class GroupStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /**
   * Adds a group, and opens its pool if it has one.
   * @returns the outcome; nothing was added unless it is `added`. `id_taken`: an account has the id
   *   of the pool; `name_taken`: a group that has not ended has the name
   */
  async add(group: Group, entry: AuditEntry): Promise<'added' | 'name_taken' | 'id_taken'> {
    try {
      await this.#db.transaction().execute((transaction) => insertGroup(transaction, group, entry));
      return 'added';
    } catch (error) {
      if (error instanceof GroupNotAdded) return error.outcome;
      throw error;
    }
  }

  /** A group, also one that has ended. */
  async byId(id: string): Promise<Group | undefined> {
    const row = await this.#db
      .selectFrom('groups')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && toGroup(row);
  }

  /** The group with a name, ignoring the case of ASCII letters, that has not ended. */
  async byName(name: string): Promise<Group | undefined> {
    const row = await this.#db
      .selectFrom('groups')
      .selectAll()
      .where(sql<boolean>`lower(name) = lower(${name})`)
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    return row && toGroup(row);
  }

  /** The group that a pool belongs to, also one that has ended. */
  async ofPool(poolId: AccountId): Promise<Group | undefined> {
    const row = await this.#db
      .selectFrom('groups')
      .selectAll()
      .where('pool_id', '=', poolId)
      .executeTakeFirst();
    return row && toGroup(row);
  }

  /** The names of these groups, by id. */
  async names(ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#db
      .selectFrom('groups')
      .select(['id', 'name'])
      .where('id', 'in', ids)
      .execute();
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  /**
   * Renames a group or sets its models.
   * @param entryOf the audit event of the change
   * @returns the group as it is now; undefined if there is none, or it has ended
   */
  async change(
    id: string,
    change: GroupChange,
    entryOf: (before: Group, after: Group) => AuditEntry,
  ): Promise<Group | 'name_taken' | undefined> {
    const isTaken = async () => {
      const named = change.name === undefined ? undefined : await this.byName(change.name);
      return named !== undefined && named.id !== id;
    };
    if (await isTaken()) return 'name_taken';
    try {
      return await this.#db.transaction().execute(async (transaction) => {
        const before = await lockGroup(transaction, id);
        if (!before) return undefined;
        const models = change.models === undefined ? before.models : (change.models ?? undefined);
        const after: Group = { ...before, name: change.name ?? before.name, models };
        await transaction
          .updateTable('groups')
          .set({ name: after.name, models: models ? JSON.stringify(models) : null })
          .where('id', '=', id)
          .execute();
        await addToAuditLog(transaction, entryOf(before, after));
        return after;
      });
    } catch (error) {
      // Another group may have taken the name since it was looked up.
      if (await isTaken()) return 'name_taken';
      throw error;
    }
  }

  /** Ends a group: its pool pays no more. False if it has ended already. */
  end(id: string, entry: AuditEntry): Promise<boolean> {
    return endLogged(this.#db, { table: 'groups', id }, entry);
  }

  /**
   * Adds users to a group; those who are in it stay as they are.
   * @param entryOf the audit event for a user who was added
   * @returns who was added; undefined if there is no such group, or it has ended
   */
  addMembers(
    id: string,
    { userIds, isManager, atMs }: NewMembers,
    entryOf: (userId: number) => AuditEntry,
  ): Promise<number[] | undefined> {
    return this.#db.transaction().execute(async (transaction) => {
      if (!(await lockGroup(transaction, id))) return undefined;
      const added: number[] = [];
      for (let from = 0; from < userIds.length; from += CHUNK) {
        const users = transaction
          .selectFrom('users')
          .select((of) => [
            of.val(id).as('group_id'),
            'id as user_id',
            of.cast<number>(of.val(isManager ? 1 : 0), 'integer').as('is_manager'),
            of.cast<number>(of.val(atMs), 'bigint').as('joined_at'),
          ])
          .where('id', 'in', userIds.slice(from, from + CHUNK))
          .where('deleted_at', 'is', null);
        const rows = await transaction
          .insertInto('group_members')
          .columns(['group_id', 'user_id', 'is_manager', 'joined_at'])
          .expression(users as never)
          .onConflict((conflict) => conflict.doNothing())
          .returning('user_id')
          .execute();
        added.push(...rows.map(({ user_id: userId }) => userId));
      }
      await addAllToAuditLog(transaction, added.map(entryOf));
      return added;
    });
  }

  /**
   * Takes users out of a group, also of one that has ended. What they have spent of its budgets
   * stays counted, so that leaving and joining again gives nobody more.
   * @returns who was in it
   */
  removeMembers(
    id: string,
    userIds: readonly number[],
    entryOf: (userId: number) => AuditEntry,
  ): Promise<number[]> {
    return this.#db.transaction().execute(async (transaction) => {
      const removed: number[] = [];
      for (let from = 0; from < userIds.length; from += CHUNK) {
        const rows = await transaction
          .deleteFrom('group_members')
          .where('group_id', '=', id)
          .where('user_id', 'in', userIds.slice(from, from + CHUNK))
          .returning('user_id')
          .execute();
        removed.push(...rows.map(({ user_id: userId }) => userId));
      }
      await addAllToAuditLog(transaction, removed.map(entryOf));
      return removed;
    });
  }

  /** Makes a member a manager, or no longer one; false if the user is not in the group. */
  setManager(id: string, userId: number, isManager: boolean, entry: AuditEntry): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('group_members')
        .set({ is_manager: isManager ? 1 : 0 })
        .where('group_id', '=', id)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      await addToAuditLog(transaction, entry);
      return true;
    });
  }

  /** Whether a user is in a group and manages it; undefined if not in it. */
  async roleIn(id: string, userId: number): Promise<'manager' | 'member' | undefined> {
    const row = await this.#db
      .selectFrom('group_members')
      .select('is_manager')
      .where('group_id', '=', id)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return row && (row.is_manager === 1 ? 'manager' : 'member');
  }

  /** Which of these users are in a group. */
  async among(id: string, userIds: readonly number[]): Promise<Set<number>> {
    const found = new Set<number>();
    for (let from = 0; from < userIds.length; from += CHUNK) {
      const rows = await this.#db
        .selectFrom('group_members')
        .select('user_id')
        .where('group_id', '=', id)
        .where('user_id', 'in', userIds.slice(from, from + CHUNK))
        .execute();
      for (const { user_id: userId } of rows) found.add(userId);
    }
    return found;
  }

  /** The groups of a user that have not ended, in the order of joining; at most so many. */
  async ofUser(userId: number, limit: number): Promise<Membership[]> {
    const rows = await this.#db
      .selectFrom('group_members as m')
      .innerJoin('groups as g', 'g.id', 'm.group_id')
      .selectAll('g')
      .select(['m.is_manager', 'm.joined_at'])
      .where('m.user_id', '=', userId)
      .where('g.ended_at', 'is', null)
      .orderBy('m.joined_at')
      .orderBy('m.group_id')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      group: toGroup(row),
      isManager: row.is_manager === 1,
      joinedAtMs: row.joined_at,
    }));
  }

  /** Whether a user manages a group that has not ended. */
  async managesAny(userId: number): Promise<boolean> {
    const row = await this.#db
      .selectFrom('group_members as m')
      .innerJoin('groups as g', 'g.id', 'm.group_id')
      .select('g.id')
      .where('m.user_id', '=', userId)
      .where('m.is_manager', '=', 1)
      .where('g.ended_at', 'is', null)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }
}

/** Who joins, how and when. */
export interface NewMembers {
  readonly userIds: readonly number[];
  readonly isManager: boolean;
  readonly atMs: number;
}

/** Rolls the transaction back. */
export class GroupNotAdded extends Error {
  readonly outcome: 'name_taken' | 'id_taken';

  constructor(outcome: 'name_taken' | 'id_taken') {
    super(outcome);
    this.outcome = outcome;
  }
}

/**
 * As `GroupStore.add`, within a transaction, which has to be rolled back if it throws.
 * @throws GroupNotAdded
 */
export async function insertGroup(
  transaction: Kysely<Database>,
  { id, name, poolId, models, createdAtMs }: Group,
  entry: AuditEntry,
): Promise<void> {
  if (poolId !== undefined) await openPool(transaction, poolId);
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('groups')
    .values({
      id,
      name,
      pool_id: poolId ?? null,
      models: models ? JSON.stringify(models) : null,
      created_at: createdAtMs,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 1n) throw new GroupNotAdded('name_taken');
  await addToAuditLog(transaction, entry);
}

async function openPool(transaction: Kysely<Database>, poolId: AccountId): Promise<void> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('accounts')
    .values({
      id: poolId,
      kind: 'pool',
      posted: 0,
      held: 0,
      expiring: 0,
      transfer_count: 0,
      has_limits: 0,
      renewed_at: 0,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 1n) throw new GroupNotAdded('id_taken');
}

/** Locks the row of a group until the transaction ends; undefined if it has ended. */
export async function lockGroup(
  transaction: Kysely<Database>,
  id: string,
): Promise<Group | undefined> {
  // Changes nothing; a write locks the row on either database.
  const row = await transaction
    .updateTable('groups')
    .set((of) => ({ created_at: of.ref('created_at') }))
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row && toGroup(row);
}

/** Maps a row to a group. */
export function toGroup(row: Selectable<GroupRow>): Group {
  return {
    id: row.id,
    name: row.name,
    poolId: row.pool_id ?? undefined,
    models: row.models === null ? undefined : (JSON.parse(row.models) as string[]),
    createdAtMs: row.created_at,
    endedAtMs: row.ended_at ?? undefined,
  };
}
