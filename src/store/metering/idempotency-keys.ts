import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/schema.ts';

/** Keys per statement, so that none takes long, whatever a day has left behind. */
const SWEPT_AT_ONCE = 500;

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

  /**
   * Deletes some of the keys that were used before a time.
   * @returns whether there may be more of them
   */
  async sweep(beforeMs: number): Promise<boolean> {
    const { numAffectedRows } = await sql`DELETE FROM idempotency_keys WHERE (scope, key) IN (
        SELECT scope, key FROM idempotency_keys
        WHERE created_at < ${beforeMs} ORDER BY created_at LIMIT ${SWEPT_AT_ONCE}
      )`.execute(this.#db);
    return numAffectedRows === BigInt(SWEPT_AT_ONCE);
  }
}
