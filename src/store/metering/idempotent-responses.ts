import { type Kysely, sql } from 'kysely';
import type { IdempotentResponse } from '../../core/ledger.ts';
import type { Database } from '../database/schema.ts';

/** Responses per statement, so that none takes long: each may have a megabyte. */
const SWEPT_AT_ONCE = 50;

/**
 * Responses that are sent again if a client repeats a request with the same key. The ledger stores
 * them with the charge.
 */
export class IdempotentResponseStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async find(generationId: string): Promise<IdempotentResponse | undefined> {
    const row = await this.#db
      .selectFrom('idempotent_responses')
      .select(['content_type', 'body'])
      .where('id', '=', generationId)
      .executeTakeFirst();
    return row && { contentType: row.content_type, body: row.body };
  }

  /**
   * Forgets some of the responses that were given before a time.
   * @returns whether there may be more of them
   */
  async sweep(beforeMs: number): Promise<boolean> {
    const { numAffectedRows } = await sql`DELETE FROM idempotent_responses WHERE id IN (
        SELECT id FROM idempotent_responses
        WHERE created_at < ${beforeMs} ORDER BY created_at LIMIT ${SWEPT_AT_ONCE}
      )`.execute(this.#db);
    return numAffectedRows === BigInt(SWEPT_AT_ONCE);
  }
}
