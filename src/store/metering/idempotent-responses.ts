import type { Kysely } from 'kysely';
import type { IdempotentResponse } from '../../core/ledger.ts';
import type { Database } from '../database/schema.ts';

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

  /** Forgets answers that were given before a time. */
  async sweep(beforeMs: number): Promise<void> {
    await this.#db.deleteFrom('idempotent_responses').where('created_at', '<', beforeMs).execute();
  }
}
