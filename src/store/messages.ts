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
  /** The model that was asked, or that answered in its place. */
  readonly model: string;
  /** 0 while nothing was charged. */
  readonly chargedCredits: number;
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
      .selectFrom('messages as m')
      .leftJoin('transfers as t', 't.id', 'm.id')
      .selectAll('m')
      .select(['t.credits as credits', 't.model as answering'])
      .where('m.user_id', '=', userId)
      .where('m.id', '=', id)
      .executeTakeFirst();
    if (!row) return undefined;
    const { content, reply, status, failure, created_at: createdAtMs } = row;
    const model = row.answering ?? row.model;
    const chargedCredits = 0 - (row.credits ?? 0);
    return { id, content, reply, status, failure, model, chargedCredits, createdAtMs };
  }
}
