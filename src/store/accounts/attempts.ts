import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/schema.ts';

interface Limit {
  readonly key: string;
  readonly most: number;
}

/** Rolls the transaction back. */
class Refused extends Error {
  readonly forMs: number;

  constructor(forMs: number) {
    super();
    this.forMs = forMs;
  }
}

/** Counts of attempts that all servers share. A count is forgotten when its time is over. */
export class AttemptStore {
  readonly #db: Kysely<Database>;
  readonly #now: () => number;

  constructor(db: Kysely<Database>, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  /**
   * Counts an attempt under all of the keys, or under none if one of them has no more. The window
   * of a key begins with its first attempt; one that seems to end later than a whole window from
   * now comes from a clock that was wrong, and begins anew.
   * @returns undefined if it was counted; otherwise for how many milliseconds it is refused
   */
  async take(limits: readonly Limit[], windowMs: number): Promise<number | undefined> {
    const nowMs = this.#now();
    const endMs = nowMs + windowMs;
    // In the order of keys, so that two attempts cannot deadlock.
    const rows = limits
      .map(({ key }) => key)
      .toSorted()
      .map((key) => sql`(${key}, 1, CAST(${endMs} AS bigint))`);
    const isOver = sql`(attempts.expires_at <= ${nowMs} OR attempts.expires_at > ${endMs})`;
    try {
      await this.#db.transaction().execute(async (transaction) => {
        const { rows: counted } = await sql<{ key: string; attempts: number; expires_at: number }>`
          INSERT INTO attempts (key, attempts, expires_at) VALUES ${sql.join(rows)}
          ON CONFLICT (key) DO UPDATE SET
            attempts = CASE WHEN ${isOver} THEN 1 ELSE attempts.attempts + 1 END,
            expires_at = CASE WHEN ${isOver} THEN excluded.expires_at
              ELSE attempts.expires_at END
          RETURNING key, attempts, expires_at`.execute(transaction);
        const most = new Map(limits.map((it) => [it.key, it.most]));
        const over = counted.filter((it) => it.attempts > (most.get(it.key) ?? 0));
        if (over.length === 0) return;
        throw new Refused(Math.max(...over.map((it) => it.expires_at)) - nowMs);
      });
      return undefined;
    } catch (error) {
      if (error instanceof Refused) return error.forMs;
      throw error;
    }
  }

  /** For how many milliseconds an attempt would be refused; undefined if it would not be. */
  async refusedFor(limits: readonly Limit[], windowMs: number): Promise<number | undefined> {
    const nowMs = this.#now();
    const rows = await this.#db
      .selectFrom('attempts')
      .selectAll()
      .where(
        'key',
        'in',
        limits.map(({ key }) => key),
      )
      .where('expires_at', '>', nowMs)
      .where('expires_at', '<=', nowMs + windowMs)
      .execute();
    const most = new Map(limits.map((it) => [it.key, it.most]));
    const full = rows.filter((it) => it.attempts >= (most.get(it.key) ?? 0));
    return full.length === 0 ? undefined : Math.max(...full.map((it) => it.expires_at)) - nowMs;
  }

  /** Takes back attempts that were counted, and remembers a key for a while. */
  async succeed(taken: readonly Limit[], known: string | undefined, forMs: number): Promise<void> {
    const keys = taken.map(({ key }) => key).toSorted();
    await this.#db.transaction().execute(async (transaction) => {
      for (const key of keys) {
        await transaction
          .updateTable('attempts')
          .set((of) => ({ attempts: of('attempts', '-', 1) }))
          .where('key', '=', key)
          .where('attempts', '>', 0)
          .execute();
      }
      if (known === undefined) return;
      const row = { attempts: 0, expires_at: this.#now() + forMs };
      await transaction
        .insertInto('attempts')
        .values({ key: known, ...row })
        .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
        .execute();
    });
  }

  /** Whether a key is remembered. */
  async isKnown(key: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('attempts')
      .select('key')
      .where('key', '=', key)
      .where('expires_at', '>', this.#now())
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Deletes what is over. Only passwords that were hashed make rows, which bounds their number. */
  async sweep(): Promise<void> {
    await this.#db.deleteFrom('attempts').where('expires_at', '<=', this.#now()).execute();
  }
}
