/** The groups and plans that a file of users names. */
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/schema.ts';

/** A group or a plan that has not ended. */
export interface NamedPlace {
  readonly id: string;
  readonly name: string;
}

/** Both databases limit the parameters of a statement. */
const AT_ONCE = 1_000;

/** Reads many groups and plans by name, and who has them. */
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
}

/** The same for two names of groups or of plans that are the same. */
export function placeKey(name: string): string {
  return name.replace(/[A-Z]/g, (it) => it.toLowerCase());
}

function chunks<T>(all: readonly T[]): T[][] {
  const count = Math.ceil(all.length / AT_ONCE);
  return Array.from({ length: count }, (_, at) => all.slice(at * AT_ONCE, (at + 1) * AT_ONCE));
}
