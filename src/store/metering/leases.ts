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

  /** Takes or renews a lease, for `forMs` milliseconds from now. */
  async renew(id: string, forMs: number): Promise<void> {
    const expires_at = sql<number>`${this.#clockMs} + CAST(${forMs} AS bigint)`;
    await this.#db
      .insertInto('leases')
      .values({ id, expires_at })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ expires_at }))
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
