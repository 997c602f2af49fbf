import type { Kysely, RawBuilder } from 'kysely';
import type { Price } from '../core/pricing.ts';
import type { Database, HoldRow } from './schema.ts';

/** An open hold, with what is needed to end it. */
export interface OpenHold {
  readonly generationId: string;
  readonly accountId: number;
  readonly price: Price;
  readonly inputTokens: number;
}

/** Reads open holds; opening and ending them is the ledger's. */
export class HoldStore {
  readonly #db: Kysely<Database>;
  readonly #clockMs: RawBuilder<number>;

  constructor(db: Kysely<Database>, clockMs: RawBuilder<number>) {
    this.#db = db;
    this.#clockMs = clockMs;
  }

  /** Open holds whose lease has run out or is gone. */
  async abandoned(limit: number): Promise<OpenHold[]> {
    const rows = await this.#db
      .selectFrom('holds')
      .leftJoin('leases', 'leases.id', 'holds.lease_id')
      .select(['holds.id', 'holds.account_id', 'holds.price', 'holds.input_tokens'])
      .where('holds.state', '=', 'open')
      .where((is) =>
        is.or([is('leases.id', 'is', null), is('leases.expires_at', '<', this.#clockMs)]),
      )
      .limit(limit)
      .execute();
    return rows.map(toOpenHold);
  }

  /** A hold if it is open, whosever it is. */
  async open(generationId: string): Promise<OpenHold | undefined> {
    const row = await this.#db
      .selectFrom('holds')
      .select(['id', 'account_id', 'price', 'input_tokens'])
      .where('id', '=', generationId)
      .where('state', '=', 'open')
      .executeTakeFirst();
    return row && toOpenHold(row);
  }

  /** What is being written for an account. Few are open, so all of them are looked at. */
  async openOf(
    accountId: number,
  ): Promise<{ id: string; credits: number; model: string; createdAtMs: number }[]> {
    const rows = await this.#db
      .selectFrom('holds')
      .select(['id', 'credits', 'model', 'created_at'])
      .where('state', '=', 'open')
      .where('account_id', '=', accountId)
      .execute();
    // Sorted here: asked to, SQLite would rather read all holds that ever were, in order.
    return rows
      .map(({ id, credits, model, created_at: createdAtMs }) => ({
        ...{ id, credits, model: model ?? '', createdAtMs },
      }))
      .toSorted((a, b) => a.createdAtMs - b.createdAtMs);
  }

  /** How many holds are open, of all accounts. */
  async openCount(): Promise<number> {
    const { count } = await this.#db
      .selectFrom('holds')
      .select((of) => of.fn.countAll<number>().as('count'))
      .where('state', '=', 'open')
      .executeTakeFirstOrThrow();
    return count;
  }

  /** What was journaled as delivered of a generation that is not over, in order. */
  async journaledText(generationId: string): Promise<string> {
    const rows = await this.#db
      .selectFrom('journal')
      .select('text')
      .where('generation_id', '=', generationId)
      .orderBy('piece')
      .execute();
    return rows.map(({ text }) => text).join('');
  }
}

function toOpenHold(row: Pick<HoldRow, 'id' | 'account_id' | 'price' | 'input_tokens'>): OpenHold {
  return {
    generationId: row.id,
    accountId: row.account_id,
    price: JSON.parse(row.price ?? '') as Price,
    inputTokens: row.input_tokens ?? 0,
  };
}
