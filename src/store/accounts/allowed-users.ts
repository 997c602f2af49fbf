import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Database } from '../database/schema.ts';

/** Whom names in `chit.json` mean: the first account that had the name, for ever. */
export class AllowedUserStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** The id of the account that a name means; undefined if it means none yet. */
  async idOf(name: string): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('allowed_users')
      .select('user_id')
      .where('name_hash', '=', hashOf(name))
      .executeTakeFirst();
    return row?.user_id;
  }

  /** Has a name mean an account from now on, unless it means one already; returns which. */
  async bind(name: string, userId: number): Promise<number> {
    await this.#db
      .insertInto('allowed_users')
      .values({ name_hash: hashOf(name), user_id: userId })
      .onConflict((conflict) => conflict.column('name_hash').doNothing())
      .execute();
    return (await this.idOf(name)) ?? userId;
  }

  /** Forgets all names but these, so that one that was removed and comes back is looked up anew. */
  async keepOnly(names: readonly string[]): Promise<void> {
    const rows = await this.#db.selectFrom('allowed_users').select('name_hash').execute();
    const kept = new Set(names.map(hashOf));
    const gone = rows.map((row) => row.name_hash).filter((hash) => !kept.has(hash));
    if (gone.length === 0) return;
    await this.#db.deleteFrom('allowed_users').where('name_hash', 'in', gone).execute();
  }
}

/** The name itself may belong to somebody who had it erased. */
function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}
