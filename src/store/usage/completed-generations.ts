/** Reads ended generations from the ledger, for the sums of usage. */
import type { Kysely } from 'kysely';
import type { Unpriced, Usage, UsageSource } from '../../core/usage.ts';
import { unpricedFrom, usageFrom } from '../credits/stored-usage.ts';
import type { Database } from '../database/schema.ts';

/** A generation that has ended. */
export interface CompletedGeneration {
  readonly id: string;
  readonly userId: number;
  readonly model: string;
  readonly isAnswered: boolean;
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  readonly chargedCredits: number;
  readonly shortfallCredits: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}

/** A generation that has ended, with all that was booked of its usage. */
export interface BookedGeneration {
  readonly id: string;
  /** The model that was asked for. */
  readonly model: string;
  /** What was charged; undefined if nothing was, because the hold was released. */
  readonly charge:
    | {
        /** The model that answered. */
        readonly model: string;
        readonly usage: Usage;
        readonly usageSource: UsageSource;
        readonly isIncomplete: boolean;
      }
    | undefined;
}

/** Reads ended generations and refunds. */
export class CompletedGenerationStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** When the oldest running generation began; undefined if none is running. */
  async oldestOpenMs(): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('holds')
      .select((of) => of.fn.min('created_at').as('oldest'))
      .where('state', '=', 'open')
      .executeTakeFirst();
    return row?.oldest ?? undefined;
  }

  /** Ended generations with ids in a range, in the order in which they began. */
  async ended(range: { from: string; to: string; limit?: number }): Promise<CompletedGeneration[]> {
    const { from, to, limit } = range;
    const rows = await this.#db
      .selectFrom('holds as h')
      .leftJoin('transfers as t', (join) =>
        join.onRef('t.id', '=', 'h.id').on('t.id', '>=', from).on('t.id', '<', to),
      )
      .select([
        'h.id',
        'h.account_id',
        'h.user_id',
        'h.model as requested_model',
        'h.state',
        'h.created_at',
        'h.ended_at',
      ])
      .select(['t.model', 't.credits', 't.shortfall', 't.usage_input', 't.usage_cached_input'])
      .select(['t.usage_output'])
      .where('h.id', '>=', from)
      .where('h.id', '<', to)
      .where('h.state', '<>', 'open')
      .where('h.model', 'is not', null)
      .orderBy('h.id')
      .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
      .execute();
    return rows.map((row) => ({
      id: row.id,
      userId: row.user_id ?? row.account_id,
      model: row.model ?? row.requested_model ?? '',
      isAnswered: row.state === 'settled',
      beganAtMs: row.created_at,
      endedAtMs: row.ended_at ?? row.created_at,
      chargedCredits: 0 - (row.credits ?? 0),
      shortfallCredits: row.shortfall ?? 0,
      inputTokens: row.usage_input ?? 0,
      cachedInputTokens: row.usage_cached_input ?? 0,
      outputTokens: row.usage_output ?? 0,
    }));
  }

  /**
   * A page of ended generations with their usage, in the order in which they began.
   * @param range of ids: after `after`, before `to`
   */
  async booked(range: {
    readonly after: string;
    readonly to: string;
    readonly limit: number;
  }): Promise<BookedGeneration[]> {
    const { after, to, limit } = range;
    const rows = await this.#db
      .selectFrom('holds as h')
      .leftJoin('transfers as t', (join) =>
        join.onRef('t.id', '=', 'h.id').on('t.id', '>', after).on('t.id', '<', to),
      )
      .leftJoin('messages as m', (join) =>
        join.onRef('m.id', '=', 'h.id').on('m.id', '>', after).on('m.id', '<', to),
      )
      .select(['h.id', 'h.model as requested_model', 't.model', 't.usage_source', 'm.status'])
      .select(['t.usage_input', 't.usage_cached_input', 't.usage_output', 't.usage'])
      .where('h.id', '>', after)
      .where('h.id', '<', to)
      .where('h.state', '<>', 'open')
      .where('h.model', 'is not', null)
      .orderBy('h.id')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      id: row.id,
      model: row.requested_model ?? '',
      charge:
        row.model === null || row.usage_source === null
          ? undefined
          : {
              model: row.model,
              usage: usageFrom(row),
              usageSource: row.usage_source,
              isIncomplete: row.status === 'incomplete',
            },
    }));
  }

  /** The latest charges, from an id on, with what of their usage had no price. */
  async unpriced(range: {
    readonly from: string;
    readonly limit: number;
  }): Promise<{ readonly model: string; readonly unpriced: Unpriced }[]> {
    const rows = await this.#db
      .selectFrom('transfers')
      .select(['model', 'unpriced'])
      .where('id', '>=', range.from)
      .where('unpriced', 'is not', null)
      .orderBy('id', 'desc')
      .limit(range.limit)
      .execute();
    return rows.map((row) => ({ model: row.model ?? '', unpriced: unpricedFrom(row) ?? {} }));
  }

  /** Refunds with ids in a range. */
  async refunds(range: {
    from: string;
    to: string;
  }): Promise<{ readonly model: string; readonly credits: number; readonly atMs: number }[]> {
    const rows = await this.#db
      .selectFrom('transfers as r')
      .innerJoin('transfers as c', 'c.id', 'r.refund_of')
      .select(['c.model', 'r.credits', 'r.created_at'])
      .where('r.refund_of', 'is not', null)
      .where('r.id', '>=', range.from)
      .where('r.id', '<', range.to)
      .execute();
    return rows.map((row) => ({
      model: row.model ?? '',
      credits: row.credits,
      atMs: row.created_at,
    }));
  }
}
