/** What was used from a pool, summed up from its charges. */
import { type Kysely, sql } from 'kysely';
import type { Credits } from '../../core/credits.ts';
import type { AccountId } from '../../core/ledger.ts';
import type { Database } from '../database/schema.ts';

/** Sums of charges. */
export interface PoolSums {
  readonly messages: number;
  readonly charged: Credits;
  readonly refunded: Credits;
  /** Tokens of input and output that models counted. */
  readonly input: number;
  readonly output: number;
}

export const NO_POOL_SUMS: PoolSums = {
  messages: 0,
  charged: 0,
  refunded: 0,
  input: 0,
  output: 0,
};

/** In milliseconds since 1970 UTC, both included. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const DAY_MS = 86_400_000;
/** Transfers are numbered as they are booked, by servers whose clocks may differ by so much. */
const CLOCKS_DIFFER_MS = 600_000;
/** No generation takes longer. */
const LONGEST_MS = DAY_MS;

/** Sums of a pool; all of its charges since the beginning of a span are read. */
export class GroupUsageStore {
  readonly #reads: Kysely<Database>;

  /** @param reads for queries that can take long */
  constructor(reads: Kysely<Database>) {
    this.#reads = reads;
  }

  /** Sums by group, also of groups that have ended; most charged first. */
  async byGroup(
    { fromMs, toMs }: Span,
    limit: number,
  ): Promise<{ groupId: string; name: string; users: number; sums: PoolSums }[]> {
    // Ids begin with the time at which a generation began, so that they find it by their index.
    const from = uuidFrom(fromMs - LONGEST_MS);
    const { rows } = await sql<GroupSumRow>`
      SELECT g.id, g.name, count(DISTINCT t.user_id) AS users, ${SUMS}
      FROM ${CHARGES} JOIN groups g ON g.pool_id = t.account_id
      WHERE t.id >= ${from} AND t.kind = 'charge' AND t.user_id IS NOT NULL
        AND t.created_at >= ${fromMs} AND t.created_at <= ${toMs}
      GROUP BY g.id, g.name ORDER BY sum(t.credits), g.id LIMIT ${limit}`.execute(this.#reads);
    return rows.map((row) => ({
      groupId: row.id,
      name: row.name,
      users: Number(row.users),
      sums: toSums(row),
    }));
  }

  /** Sums by user; those who used nothing are left out. Most charged first. */
  async byUser(
    poolId: AccountId,
    span: Span,
    limit: number,
  ): Promise<{ userId: number; sums: PoolSums }[]> {
    const { rows } = await sql<SumRow & { readonly user_id: number }>`
      SELECT t.user_id, ${SUMS} FROM ${CHARGES} WHERE ${await this.#within(poolId, span)}
      GROUP BY t.user_id ORDER BY sum(t.credits), t.user_id LIMIT ${limit}`.execute(this.#reads);
    return rows.map((row) => ({ userId: row.user_id, sums: toSums(row) }));
  }

  /** Sums of these users, by user; those who used nothing are left out. */
  async ofUsers(
    poolId: AccountId,
    span: Span,
    userIds: readonly number[],
  ): Promise<Map<number, PoolSums>> {
    if (userIds.length === 0) return new Map();
    const { rows } = await sql<SumRow & { readonly user_id: number }>`
      SELECT t.user_id, ${SUMS} FROM ${CHARGES} WHERE ${await this.#within(poolId, span)}
        AND t.user_id IN (${sql.join(userIds)})
      GROUP BY t.user_id`.execute(this.#reads);
    return new Map(rows.map((row) => [row.user_id, toSums(row)]));
  }

  /** Sums by day in UTC, with the beginning of the day; days without use are left out. */
  async byDay(
    poolId: AccountId,
    span: Span,
  ): Promise<{ dayMs: number; users: number; sums: PoolSums }[]> {
    const { rows } = await sql<SumRow & { readonly day: number; readonly users: number | string }>`
      SELECT t.created_at / ${sql.lit(DAY_MS)} AS day, count(DISTINCT t.user_id) AS users, ${SUMS}
      FROM ${CHARGES} WHERE ${await this.#within(poolId, span)}
      GROUP BY t.created_at / ${sql.lit(DAY_MS)} ORDER BY 1`.execute(this.#reads);
    return rows.map((row) => ({
      dayMs: Number(row.day) * DAY_MS,
      users: Number(row.users),
      sums: toSums(row),
    }));
  }

  async #within(poolId: AccountId, { fromMs, toMs }: Span) {
    const first = await this.#firstSince(poolId, fromMs - CLOCKS_DIFFER_MS);
    return sql`t.account_id = ${poolId} AND t.number >= ${first} AND t.kind = 'charge'
      AND t.created_at >= ${fromMs} AND t.created_at <= ${toMs}`;
  }

  /** The number of the first transfer of an account since a time, by halving. */
  async #firstSince(accountId: AccountId, fromMs: number): Promise<number> {
    const account = await this.#reads
      .selectFrom('accounts')
      .select('transfer_count')
      .where('id', '=', accountId)
      .executeTakeFirst();
    let low = 1;
    let high = (account?.transfer_count ?? 0) + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = await this.#reads
        .selectFrom('transfers')
        .select('created_at')
        .where('account_id', '=', accountId)
        .where('number', '=', middle)
        .executeTakeFirst();
      if (row && row.created_at < fromMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The first id (a UUID version 7) of a time. */
function uuidFrom(atMs: number): string {
  const time = Math.max(0, atMs).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}

const CHARGES = sql`transfers t LEFT JOIN transfers r ON r.refund_of = t.id`;
const SUMS = sql`count(*) AS messages, sum(t.credits) AS charged,
  coalesce(sum(r.credits), 0) AS refunded, coalesce(sum(t.usage_input), 0) AS input,
  coalesce(sum(t.usage_output), 0) AS output`;

/** PostgreSQL gives sums as text. */
type SumRow = Readonly<
  Record<'messages' | 'charged' | 'refunded' | 'input' | 'output', number | string>
>;

type GroupSumRow = SumRow & {
  readonly id: string;
  readonly name: string;
  readonly users: number | string;
};

function toSums({ messages, charged, refunded, input, output }: SumRow): PoolSums {
  return {
    messages: Number(messages),
    charged: 0 - Number(charged),
    refunded: Number(refunded),
    input: Number(input),
    output: Number(output),
  };
}
