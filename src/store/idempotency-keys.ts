import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';

/** Keys are used and kept by the ledger; here they are only swept out. */
export class IdempotencyKeyStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Forgets keys that were used before a time. */
  async sweep(beforeMs: number): Promise<void> {
    await this.#db.deleteFrom('idempotency_keys').where('created_at', '<', beforeMs).execute();
  }
}
