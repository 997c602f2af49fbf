import type { Kysely } from 'kysely';
import type { Database } from '../database/schema.ts';

/** Something that was said and answered at another site. */
export interface ImportedMessage {
  readonly id: string;
  readonly userId: number;
  readonly content: string;
  readonly reply: string;
  readonly atMs: number;
}

/** What stands in place of a model's name: which model it was is not known. */
const MODEL = 'imported';
/** Rows of one statement; PostgreSQL takes 65,535 parameters. */
const CHUNK = 1_000;

/** Brings in what was said elsewhere. It was charged there, so there is no charge to it here. */
export class ImportStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Adds messages in one transaction, but for those that are there; returns how many it added. */
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

  /** Which of these users were deleted here: their accounts stay, so nobody else gets the ids. */
  async deletedAmong(userIds: readonly number[]): Promise<Set<number>> {
    const rows = await this.#db
      .selectFrom('users')
      .select('id')
      .where('id', 'in', userIds)
      .where('deleted_at', 'is not', null)
      .execute();
    return new Set(rows.map(({ id }) => id));
  }

  /** How many of these are there. */
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
