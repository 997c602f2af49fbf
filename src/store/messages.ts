import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';

/** A user's words and what came of them. */
export interface Message {
  readonly id: string;
  readonly content: string;
  /** null while there is none, and if there never will be one. */
  readonly reply: string | null;
  readonly status: 'pending' | 'complete' | 'incomplete' | 'failed';
  /** Why there is no reply, or not all of it. */
  readonly failure: string | null;
  readonly createdAtMs: number;
}

/** Reads messages; the ledger writes them, together with what they cost. */
export class MessageStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** A message of a user. */
  async find(userId: number, id: string): Promise<Message | undefined> {
    const row = await this.#db
      .selectFrom('messages')
      .selectAll()
      .where('user_id', '=', userId)
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row) return undefined;
    const { content, reply, status, failure, created_at: createdAtMs } = row;
    return { id, content, reply, status, failure, createdAtMs };
  }
}
