/** Sums of what was used, kept by hour, day and month. */
import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import type { Durations } from '../../core/durations.ts';
import {
  addModelSums,
  type Granularity,
  type ModelSums,
  type UsageSums,
  type UserSums,
} from '../../core/usage-sums.ts';
import type { Database, UsageModelRow, UsageUserRow } from '../database/schema.ts';

/** Sums of a model in a period. */
export interface ModelPeriod {
  readonly period: string;
  readonly model: string;
  readonly sums: ModelSums;
}

/** Sums of a user in a period. */
export interface UserPeriod {
  readonly period: string;
  readonly userId: number;
  readonly sums: UserSums;
}

/** Rows of one statement. */
const CHUNK = 500;

/** The sums that are kept, and up to when they are made. */
export class UsageStore {
  readonly #db: Kysely<Database>;
  readonly #clockMs: RawBuilder<number>;

  constructor(db: Kysely<Database>, clockMs: RawBuilder<number>) {
    this.#db = db;
    this.#clockMs = clockMs;
  }

  /** Up to when all that began is in the sums, and what the database's clock says now. */
  async progress(): Promise<{ summedUntilMs: number; nowMs: number }> {
    const row = await this.#db
      .selectFrom('usage_progress')
      .select(['until_at', this.#clockMs.as('now')])
      .executeTakeFirstOrThrow();
    return { summedUntilMs: row.until_at, nowMs: row.now };
  }

  /** Forgets all sums. */
  async beginAnew(): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      for (const table of ['usage_models', 'usage_users', 'usage_active'] as const) {
        await transaction.deleteFrom(table).execute();
      }
      await transaction.updateTable('usage_progress').set({ until_at: 0 }).execute();
    });
  }

  /**
   * Adds sums to those that are kept, for all that began between two moments.
   * @returns false, with nothing added, if another server has done so meanwhile
   */
  add(sums: UsageSums, span: { fromMs: number; toMs: number }): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('usage_progress')
        .set({ until_at: span.toMs })
        .where('until_at', '=', span.fromMs)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      for (const it of sums.models) await addToModel(transaction, it.step, it);
      const { users } = sums;
      const seen = new Map<string, number>();
      for (let from = 0; from < users.length; from += CHUNK) {
        for (const period of await addToUsers(transaction, users.slice(from, from + CHUNK))) {
          seen.set(period, (seen.get(period) ?? 0) + 1);
        }
      }
      for (const [period, count] of seen) {
        await sql`INSERT INTO usage_active (period, users) VALUES (${period}, ${count})
          ON CONFLICT (period) DO UPDATE SET users = usage_active.users + excluded.users`.execute(
          transaction,
        );
      }
      return true;
    });
  }

  /** Sums of all models, or of one, from one period to another, both included. */
  async models(
    granularity: Granularity,
    span: { readonly from: string; readonly to: string },
  ): Promise<ModelPeriod[]> {
    const rows = await this.#db
      .selectFrom('usage_models')
      .selectAll()
      .where('granularity', '=', granularity)
      .where('period', '>=', span.from)
      .where('period', '<=', span.to)
      .execute();
    return rows.map((row) => ({ period: row.period, model: row.model, sums: modelSums(row) }));
  }

  /** How many users asked for something, by period. */
  async active(periods: readonly string[]): Promise<Map<string, number>> {
    if (periods.length === 0) return new Map();
    const rows = await this.#db
      .selectFrom('usage_active')
      .selectAll()
      .where('period', 'in', periods)
      .execute();
    return new Map(rows.map(({ period, users }) => [period, users]));
  }

  /** Sums of a user in some periods. */
  async ofUser(userId: number, periods: readonly string[]): Promise<UserPeriod[]> {
    if (periods.length === 0) return [];
    const rows = await this.#db
      .selectFrom('usage_users')
      .selectAll()
      .where('user_id', '=', userId)
      .where('period', 'in', periods)
      .execute();
    return rows.map(toUserPeriod);
  }

  /** Those of these users who asked for something in a period. */
  async ofUsers(period: string, userIds: readonly number[]): Promise<UserPeriod[]> {
    if (userIds.length === 0) return [];
    const rows = await this.#db
      .selectFrom('usage_users')
      .selectAll()
      .where('user_id', 'in', userIds)
      .where('period', '=', period)
      .execute();
    return rows.map(toUserPeriod);
  }

  /** The users who were charged most on a day or in a month. */
  async top(period: string, limit: number): Promise<UserPeriod[]> {
    const rows = await this.#db
      .selectFrom('usage_users')
      .selectAll()
      .where('period', '=', period)
      .where(sql<boolean>`length(period) < 13`)
      .orderBy('charged', 'desc')
      .orderBy('user_id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toUserPeriod);
  }

  /** Forgets who was active in which hour; how many were stays. */
  async sweepHours(before: string): Promise<void> {
    await sql`DELETE FROM usage_users
      WHERE length(period) = 13 AND period < ${before}`.execute(this.#db);
  }
}

async function addToModel(
  db: Kysely<Database>,
  granularity: Granularity,
  by: ModelPeriod,
): Promise<void> {
  const { period, model } = by;
  const kept = await db
    .selectFrom('usage_models')
    .selectAll()
    .where('granularity', '=', granularity)
    .where('period', '=', period)
    .where('model', '=', model)
    .executeTakeFirst();
  const sums = kept ? addModelSums(modelSums(kept), by.sums) : by.sums;
  const row = {
    messages: sums.messages,
    failed: sums.failed,
    charged: sums.charged,
    shortfall: sums.shortfall,
    refunded: sums.refunded,
    usage_input: sums.input,
    usage_cached_input: sums.cachedInput,
    usage_output: sums.output,
    durations: JSON.stringify(sums.durations),
  };
  await db
    .insertInto('usage_models')
    .values({ granularity, period, model, ...row })
    .onConflict((conflict) => conflict.columns(['granularity', 'period', 'model']).doUpdateSet(row))
    .execute();
}

/** @returns the periods of those who were seen in them for the first time */
async function addToUsers(db: Kysely<Database>, all: readonly UserPeriod[]): Promise<string[]> {
  const added = new Map(all.map((it) => [`${it.period} ${it.userId}`, it.sums]));
  const rows = all.map(({ userId, period, sums }) => ({
    user_id: userId,
    period,
    messages: sums.messages,
    failed: sums.failed,
    charged: sums.charged,
    usage_input: sums.input,
    usage_output: sums.output,
  }));
  const plus = (column: string) =>
    sql<number>`${sql.ref(`usage_users.${column}`)} + ${sql.ref(`excluded.${column}`)}`;
  const kept = await db
    .insertInto('usage_users')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'period']).doUpdateSet({
        messages: plus('messages'),
        failed: plus('failed'),
        charged: plus('charged'),
        usage_input: plus('usage_input'),
        usage_output: plus('usage_output'),
      }),
    )
    .returning(['user_id', 'period', 'messages', 'failed'])
    .execute();
  return kept
    .filter(({ user_id: userId, period, messages, failed }) => {
      const by = added.get(`${period} ${userId}`);
      return by !== undefined && messages + failed === by.messages + by.failed;
    })
    .map(({ period }) => period);
}

function modelSums(row: Selectable<UsageModelRow>): ModelSums {
  return {
    messages: row.messages,
    failed: row.failed,
    charged: row.charged,
    shortfall: row.shortfall,
    refunded: row.refunded,
    input: row.usage_input,
    cachedInput: row.usage_cached_input,
    output: row.usage_output,
    durations: JSON.parse(row.durations) as Durations,
  };
}

function toUserPeriod(row: Selectable<UsageUserRow>): UserPeriod {
  const { messages, failed, charged, usage_input: input, usage_output: output } = row;
  const sums = { messages, failed, charged, input, output };
  return { period: row.period, userId: row.user_id, sums };
}
