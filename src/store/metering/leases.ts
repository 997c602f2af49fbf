import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from '../database/schema.ts';

/**
 * Leases of servers. Every hold names the lease of the server that generates its reply; a server
 * renews one lease, however many holds it has. Times are the database's own, so that the clocks of
 * servers need not agree.
 */
export class LeaseStore {
  readonly #db: Kysely<Database>;
  readonly #clockMs: RawBuilder<number>;

  constructor(db: Kysely<Database>, clockMs: RawBuilder<number>) {
    this.#db = db;
    this.#clockMs = clockMs;
  }

  /**
   * Takes or renews a lease, for `forMs` milliseconds from now.
   * @returns whether it had expired, or was not there
   */
  async renew(id: string, forMs: number): Promise<{ readonly hadExpired: boolean }> {
    const expires_at = sql<number>`${this.#clockMs} + CAST(${forMs} AS bigint)`;
    const { numUpdatedRows } = await this.#db
      .updateTable('leases')
      .set({ expires_at, for_ms: forMs })
      .where('id', '=', id)
      .where('expires_at', '>=', this.#clockMs)
      .executeTakeFirst();
    if (numUpdatedRows > 0n) return { hadExpired: false };
    await this.#db
      .insertInto('leases')
      .values({ id, expires_at, for_ms: forMs })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ expires_at, for_ms: forMs }))
      .execute();
    return { hadExpired: true };
  }

  /**
   * Lets no lease last longer from now than a renewal lasts. None does, unless the clock of the
   * database was set back: then the lease of a crashed server would last as much longer. That of a
   * server that lives is still as long as the server may count on, since that is never longer than
   * a renewal lasts. Leases of servers of earlier versions do not tell their duration and stay.
   */
  async limitToDuration(): Promise<void> {
    const expires_at = sql<number>`${this.#clockMs} + for_ms`;
    await this.#db
      .updateTable('leases')
      .set({ expires_at })
      .where('expires_at', '>', expires_at)
      .execute();
  }

  /** Ends a lease. */
  async end(id: string): Promise<void> {
    await this.#db.deleteFrom('leases').where('id', '=', id).execute();
  }

  /** Deletes expired leases; holds that still name one count as abandoned all the same. */
  async sweep(): Promise<void> {
    await this.#db.deleteFrom('leases').where('expires_at', '<', this.#clockMs).execute();
  }
}
