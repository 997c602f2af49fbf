import type { Kysely } from 'kysely';
import { lockActiveUser } from '../accounts/users.ts';
import type { Database } from '../database/schema.ts';

/** A response under `/v1/` as its client received it. */
export interface IdempotentResponse {
  readonly contentType: string;
  /** JSON or server-sent events. */
  readonly body: string;
}

/** Responses that are sent again if a client repeats a request with the same key. */
export class IdempotentResponseStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Stores a response to a user, unless the user is disabled. */
  add(
    userId: number,
    { id, response, atMs }: { id: string; response: IdempotentResponse; atMs: number },
  ): Promise<void> {
    return this.#db.transaction().execute(async (transaction) => {
      if (!(await lockActiveUser(transaction, userId))) return;
      await transaction
        .insertInto('idempotent_responses')
        .values({
          id,
          content_type: response.contentType,
          body: response.body,
          created_at: atMs,
        })
        .execute();
    });
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
