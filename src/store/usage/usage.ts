/** Sums of usage by hour, day and month. */
import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import type { Durations } from '../../core/durations.ts';
import {
  addModelSums,
  type Granularity,
  type ModelSums,
  type UsageSums,
  type UserSums,
} from '../../core/usage-sums.ts';
import type { Database } from '../database/schema.ts';
import type { UsageModelRow, UsageUserRow } from '../database/usage-rows.ts';

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

/** Rows per statement. */
const CHUNK = 500;

/** Stored sums of usage, and up to when they are complete. */
export class UsageStore {
  readonly #db: Kysely<Database>;
  readonly #reads: Kysely<Database>;
  readonly #clockMs: RawBuilder<number>;

  /** @param reads for reports, which can take long */
  constructor(db: Kysely<Database>, reads: Kysely<Database>, clockMs: RawBuilder<number>) {
    this.#db = db;
    this.#reads = reads;
    this.#clockMs = clockMs;
  }

  /** Up to when the sums are complete, and the time of the database's clock. */
  async progress(): Promise<{ summedUntilMs: number; nowMs: number }> {
    const row = await this.#db
      .selectFrom('usage_progress')
      .select(['until_at', this.#clockMs.as('now')])
      .executeTakeFirstOrThrow();
    return { summedUntilMs: row.until_at, nowMs: row.now };
  }

  /** Deletes all sums, so that they are made anew. */
  async beginAnew(): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      for (const table of ['usage_models', 'usage_users', 'usage_active'] as const) {
        await transaction.deleteFrom(table).execute();
      }
      await transaction.updateTable('usage_progress').set({ until_at: 0 }).execute();
    });
  }

  /**
   * Adds sums of the generations that began in a time span to the stored ones.
   * @returns false, with nothing added, if another server has added them already
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
      const newlyActive = new Map<string, number>();
      for (let from = 0; from < users.length; from += CHUNK) {
        for (const period of await addToUsers(transaction, users.slice(from, from + CHUNK))) {
          newlyActive.set(period, (newlyActive.get(period) ?? 0) + 1);
        }
      }
      for (const [period, count] of newlyActive) {
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
    const rows = await this.#reads
      .selectFrom('usage_models')
      .selectAll()
      .where('granularity', '=', granularity)
      .where('period', '>=', span.from)
      .where('period', '<=', span.to)
      .execute();
    return rows.map((row) => ({ period: row.period, model: row.model, sums: modelSums(row) }));
  }

  /** How many users were active, by period. */
  async active(periods: readonly string[]): Promise<Map<string, number>> {
    if (periods.length === 0) return new Map();
    const rows = await this.#reads
      .selectFrom('usage_active')
      .selectAll()
      .where('period', 'in', periods)
      .execute();
    return new Map(rows.map(({ period, users }) => [period, users]));
  }

  /** Sums of a user in some periods. */
  async ofUser(userId: number, periods: readonly string[]): Promise<UserPeriod[]> {
    if (periods.length === 0) return [];
    const rows = await this.#reads
      .selectFrom('usage_users')
      .selectAll()
      .where('user_id', '=', userId)
      .where('period', 'in', periods)
      .execute();
    return rows.map(toUserPeriod);
  }

  /** Sums of these users in a period; inactive users are left out. */
  async ofUsers(period: string, userIds: readonly number[]): Promise<UserPeriod[]> {
    if (userIds.length === 0) return [];
    const rows = await this.#reads
      .selectFrom('usage_users')
      .selectAll()
      .where('user_id', 'in', userIds)
      .where('period', '=', period)
      .execute();
    return rows.map(toUserPeriod);
  }

  /** The users who were charged most on a day or in a month. */
  async top(period: string, limit: number): Promise<UserPeriod[]> {
    const rows = await this.#reads
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

  /** Deletes the hourly sums of users; how many were active stays. */
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

/** @returns the period of each user who was not active in it before */
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
  return {
    period: row.period,
    userId: row.user_id,
    sums: {
      messages: row.messages,
      failed: row.failed,
      charged: row.charged,
      input: row.usage_input,
      output: row.usage_output,
    },
  };
}
