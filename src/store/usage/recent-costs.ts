import { type Kysely, sql } from 'kysely';
import type { Credits } from '../../core/credits.ts';
import type { Database } from '../database/schema.ts';

/** What one message of a chat cost. */
export interface RecentCost {
  readonly model: string;
  readonly credits: Credits;
}

const OF_USER = 200;
const OF_SITE = 2_000;

/** Reads what the last messages of chats cost: a bounded number of rows, by an index. */
export class RecentCostStore {
  readonly #db: Kysely<Database>;

  /** @param reads a connection that only reads */
  constructor(reads: Kysely<Database>) {
    this.#db = reads;
  }

  /** Of the last charges to the personal account of a user. */
  ofUser(userId: number): Promise<RecentCost[]> {
    return this.#among(sql`SELECT id, model, credits, shortfall FROM transfers
      WHERE account_id = ${userId} AND kind = 'charge'
      ORDER BY number DESC LIMIT ${sql.lit(OF_USER)}`);
  }

  /** Of the last charges of all. */
  ofSite(): Promise<RecentCost[]> {
    return this.#among(sql`SELECT id, model, credits, shortfall FROM transfers
      WHERE kind = 'charge' ORDER BY id DESC LIMIT ${sql.lit(OF_SITE)}`);
  }

  async #among(charges: ReturnType<typeof sql>): Promise<RecentCost[]> {
    const { rows } = await sql<{ model: string | null; credits: number; shortfall: number }>`
      SELECT t.model, t.credits, t.shortfall FROM (${charges}) AS t
      JOIN messages m ON m.id = t.id WHERE m.is_relayed = 0`.execute(this.#db);
    return rows.flatMap(({ model, credits, shortfall }) =>
      model === null ? [] : [{ model, credits: shortfall - credits }],
    );
  }
}
