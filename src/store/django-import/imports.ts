import type { Kysely } from 'kysely';
import type { Database } from '../database/schema.ts';

/** A message and its reply from another site. */
export interface ImportedMessage {
  readonly id: string;
  readonly userId: number;
  readonly content: string;
  readonly reply: string;
  readonly atMs: number;
}

/** In place of the name of the model, which is not known. */
const MODEL = 'imported';
/** Rows per statement; PostgreSQL takes 65,535 parameters. */
const CHUNK = 1_000;

/** Imports messages of another site. They were charged there, so they have no charge here. */
export class ImportStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Adds messages that do not exist yet, in one transaction; returns how many it added. */
  add(messages: readonly ImportedMessage[]): Promise<number> {
    return this.#db.transaction().execute(async (transaction) => {
      let added = 0;
      for (let from = 0; from < messages.length; from += CHUNK) {
        const rows = messages
          .slice(from, from + CHUNK)
          .map(({ id, userId, content, reply, atMs }) => ({
            id,
            user_id: userId,
            model: MODEL,
            content,
            reply,
            status: 'imported' as const,
            created_at: atMs,
            ended_at: atMs,
          }));
        const [result] = await transaction
          .insertInto('messages')
          .values(rows)
          .onConflict((conflict) => conflict.column('id').doNothing())
          .execute();
        added += Number(result?.numInsertedOrUpdatedRows ?? 0n);
      }
      return added;
    });
  }

  /** Which of these users were deleted here. Their accounts stay, so their ids are not reused. */
  async deletedAmong(userIds: readonly number[]): Promise<Set<number>> {
    const rows = await this.#db
      .selectFrom('users')
      .select('id')
      .where('id', 'in', userIds)
      .where('deleted_at', 'is not', null)
      .execute();
    return new Set(rows.map(({ id }) => id));
  }

  /** How many of these messages exist. */
  async countKnown(ids: readonly string[]): Promise<number> {
    let known = 0;
    for (let from = 0; from < ids.length; from += CHUNK) {
      const { count } = await this.#db
        .selectFrom('messages')
        .select((of) => of.fn.countAll<number>().as('count'))
        .where('id', 'in', ids.slice(from, from + CHUNK))
        .executeTakeFirstOrThrow();
      known += count;
    }
    return known;
  }
}
