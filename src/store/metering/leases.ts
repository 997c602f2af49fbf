import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from '../database/schema.ts';

/**
 * Leases of servers. Every hold names the lease of the server that answers for it; a server renews
 * its one lease, however many holds there are. Times are the database's own, so that the clocks of
 * servers need not agree.
 */
export class LeaseStore {
  readonly #db: Kysely<Database>;
  readonly #clockMs: RawBuilder<number>;

  constructor(db: Kysely<Database>, clockMs: RawBuilder<number>) {
    this.#db = db;
    this.#clockMs = clockMs;
  }

  /** Takes or renews a lease for so many milliseconds from now. */
  async renew(id: string, forMs: number): Promise<void> {
    const expires_at = sql<number>`${this.#clockMs} + CAST(${forMs} AS bigint)`;
    await this.#db
      .insertInto('leases')
      .values({ id, expires_at })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ expires_at }))
      .execute();
  }

  /** Gives a lease back. */
  async end(id: string): Promise<void> {
    await this.#db.deleteFrom('leases').where('id', '=', id).execute();
  }

  /** Forgets leases that ran out; holds that still name one are found all the same. */
  async sweep(): Promise<void> {
    await this.#db.deleteFrom('leases').where('expires_at', '<', this.#clockMs).execute();
  }
}
