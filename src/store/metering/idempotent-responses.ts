import type { Kysely } from 'kysely';
import { lockActiveUser } from '../accounts/lock-user.ts';
import type { Database } from '../database/schema.ts';

/** An answer under `/v1/` as its client got it. */
export interface IdempotentResponse {
  readonly contentType: string;
  /** JSON, or events: text in any case. */
  readonly body: string;
}

/** Answers that are given again to who sends the same request with the same key. */
export class IdempotentResponseStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Keeps an answer to a user, unless the user is let in no more. */
  add(
    userId: number,
    { id, answer, atMs }: { id: string; answer: IdempotentResponse; atMs: number },
  ): Promise<void> {
    const { contentType: content_type, body } = answer;
    return this.#db.transaction().execute(async (transaction) => {
      if (!(await lockActiveUser(transaction, userId))) return;
      await transaction
        .insertInto('idempotent_responses')
        .values({ id, content_type, body, created_at: atMs })
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
