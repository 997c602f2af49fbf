import type { Kysely } from 'kysely';
import type { Database } from '../database/schema.ts';

/** Looks up and deletes idempotency keys; the ledger writes them. */
export class IdempotencyKeyStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** The hash of the body that came with a key; undefined if the key is unused. */
  async bodyHashOf(scope: string, key: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('idempotency_keys')
      .select('body_hash')
      .where('scope', '=', scope)
      .where('key', '=', key)
      .executeTakeFirst();
    return row?.body_hash;
  }

  /** Deletes keys that were used before a time. */
  async sweep(beforeMs: number): Promise<void> {
    await this.#db.deleteFrom('idempotency_keys').where('created_at', '<', beforeMs).execute();
  }
}
