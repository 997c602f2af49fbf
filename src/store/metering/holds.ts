import type { Kysely, RawBuilder } from 'kysely';
import type { Price } from '../../core/pricing.ts';
import type { Database, HoldRow } from '../database/schema.ts';

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

  /** Asks whichever server writes it to stop; it looks for that now and then. */
  async askToStop(generationId: string, atMs: number): Promise<void> {
    await this.#db
      .updateTable('holds')
      .set({ stop_requested_at: atMs })
      .where('id', '=', generationId)
      .where('state', '=', 'open')
      .where('stop_requested_at', 'is', null)
      .execute();
  }

  /** What is still being written though it was asked to stop. */
  async toStop(): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('holds')
      .select('id')
      .where('stop_requested_at', 'is not', null)
      .where('state', '=', 'open')
      .execute();
    return rows.map(({ id }) => id);
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
        id,
        credits,
        model: model ?? '',
        createdAtMs,
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
  async journaled(generationId: string): Promise<{ text: string; nonReplyOutput: string }> {
    const rows = await this.#db
      .selectFrom('journal')
      .select(['text', 'non_reply_output'])
      .where('generation_id', '=', generationId)
      .orderBy('piece')
      .execute();
    return {
      text: rows.map(({ text }) => text).join(''),
      nonReplyOutput: rows.map((row) => row.non_reply_output).join(''),
    };
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
