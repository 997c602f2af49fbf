/** The groups and plans that a file of users names. */
import { type Kysely, sql } from 'kysely';
import type { AuditEntry } from '../../core/audit-log.ts';
import { addToAuditLog } from '../admin/audit-log.ts';
import type { Database } from '../database/schema.ts';

/** A group or a plan that has not ended. */
export interface NamedPlace {
  readonly id: string;
  readonly name: string;
}

/** Somebody who joins a group. */
export interface Joining {
  readonly userId: number;
  readonly groupName: string;
  /** Of the group, if there is none of this name. */
  readonly newGroupId: string;
  readonly atMs: number;
}

/** Both databases limit the parameters of a statement. */
const AT_ONCE = 1_000;

/** Reads groups and plans by name, and lets users join groups. */
export class ImportPlaceStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Those of these groups or plans that there are, by `placeKey` of the names. */
  async named(
    table: 'groups' | 'plans',
    names: readonly string[],
  ): Promise<Map<string, NamedPlace>> {
    const found = new Map<string, NamedPlace>();
    for (const some of chunks([...new Set(names)])) {
      const wanted = sql.join(some.map((name) => sql`(CAST(${name} AS text))`));
      // Compared by the database, whose `lower` is that of its index.
      const { rows } = await sql<NamedPlace & { wanted: string }>`
        SELECT w.column1 AS wanted, p.id, p.name
        FROM (SELECT column1 FROM (VALUES ${wanted}) AS names) AS w
        JOIN ${sql.table(table)} p ON lower(p.name) = lower(w.column1) AND p.ended_at IS NULL
        `.execute(this.#db);
      for (const { wanted: name, ...place } of rows) found.set(placeKey(name), place);
    }
    return found;
  }

  /** The ids of the groups of each of these users. */
  async groupsOf(userIds: readonly number[]): Promise<Map<number, Set<string>>> {
    const groups = new Map<number, Set<string>>();
    for (const some of chunks(userIds)) {
      const rows = await this.#db
        .selectFrom('group_members')
        .select(['group_id', 'user_id'])
        .where('user_id', 'in', some)
        .execute();
      for (const { group_id: groupId, user_id: userId } of rows) {
        const ids = groups.get(userId) ?? new Set();
        groups.set(userId, ids.add(groupId));
      }
    }
    return groups;
  }

  /** The id of the plan that each of these users has; of those who have one. */
  async plansOf(userIds: readonly number[]): Promise<Map<number, string>> {
    const plans = new Map<number, string>();
    for (const some of chunks(userIds)) {
      const rows = await this.#db
        .selectFrom('accounts')
        .select(['id', 'plan_id'])
        .where('id', 'in', some)
        .where('plan_id', 'is not', null)
        .execute();
      for (const { id, plan_id: planId } of rows) if (planId !== null) plans.set(id, planId);
    }
    return plans;
  }

  /**
   * Adds a user to a group, which is created if there is none of its name.
   * @param entry is written if the user was not in it
   */
  async join({ userId, groupName, newGroupId, atMs }: Joining, entry: AuditEntry): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await sql`INSERT INTO groups (id, name, pool_id, models, created_at, ended_at)
        VALUES (${newGroupId}, ${groupName}, NULL, NULL, ${atMs}, NULL)
        ON CONFLICT DO NOTHING`.execute(transaction);
      const { numAffectedRows = 0n } = await sql`INSERT INTO group_members
          (group_id, user_id, is_manager, joined_at)
        SELECT id, CAST(${userId} AS bigint), 0, CAST(${atMs} AS bigint) FROM groups
          WHERE lower(name) = lower(${groupName}) AND ended_at IS NULL
        ON CONFLICT (group_id, user_id) DO NOTHING`.execute(transaction);
      if (numAffectedRows > 0n) await addToAuditLog(transaction, entry);
    });
  }
}

/** The same for two names of groups or of plans that are the same. */
export function placeKey(name: string): string {
  return name.replace(/[A-Z]/g, (it) => it.toLowerCase());
}

function chunks<T>(all: readonly T[]): T[][] {
  const count = Math.ceil(all.length / AT_ONCE);
  return Array.from({ length: count }, (_, at) => all.slice(at * AT_ONCE, (at + 1) * AT_ONCE));
}
