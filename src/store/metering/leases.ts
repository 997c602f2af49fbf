import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from '../database/schema.ts';

/**
 * What a renewal found. `expired`: it was late, but nobody had taken the lease over. `gone`: some
 * server has, or it was never taken.
 */
export type LeaseState = 'valid' | 'expired' | 'gone';

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

  /** Takes a lease, for `forMs` milliseconds from now. Taking it again changes nothing else. */
  async take(id: string, forMs: number): Promise<void> {
    const expires_at = this.#fromNow(forMs);
    await this.#db
      .insertInto('leases')
      .values({ id, expires_at, for_ms: forMs })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ expires_at, for_ms: forMs }))
      .execute();
  }

  /**
   * Renews a lease, for `forMs` milliseconds from now, if it is there. One that was taken over must
   * not be taken again: its holds may still be about to end.
   */
  async renew(id: string, forMs: number): Promise<LeaseState> {
    const renewal = this.#db
      .updateTable('leases')
      .set({ expires_at: this.#fromNow(forMs), for_ms: forMs })
      .where('id', '=', id);
    const valid = await renewal.where('expires_at', '>=', this.#clockMs).executeTakeFirst();
    if (valid.numUpdatedRows > 0n) return 'valid';
    const expired = await renewal.executeTakeFirst();
    return expired.numUpdatedRows > 0n ? 'expired' : 'gone';
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

  /**
   * Takes over the expired leases of other servers: deletes them, so that their holds are abandoned
   * for good. Of this and a renewal, which both are one statement, the first to come wins.
   */
  async takeOverExpired(ownId: string): Promise<void> {
    await this.#db
      .deleteFrom('leases')
      .where('id', '!=', ownId)
      .where('expires_at', '<', this.#clockMs)
      .execute();
  }

  #fromNow(forMs: number): RawBuilder<number> {
    return sql<number>`${this.#clockMs} + CAST(${forMs} AS bigint)`;
  }
}
