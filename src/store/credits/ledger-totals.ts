/** Counts and sums over the whole ledger. */
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/schema.ts';

export interface LedgerTotals {
  readonly accounts: number;
  readonly transfers: number;
  readonly charges: number;
  readonly openHolds: number;
  readonly settledHolds: number;
  readonly answeredMessages: number;
  /** The sum of all balances, which can exceed 2^53. */
  readonly postedCredits: bigint;
  /** The sum of all transfers. */
  readonly bookedCredits: bigint;
}

/** Amounts are summed in two parts, since thousands of the largest would overflow 64 bits. */
const LOW = 1_000_000_000;

type Counts = Omit<LedgerTotals, 'postedCredits' | 'bookedCredits'>;
type Row = Counts & Record<'posted' | 'posted_low' | 'booked' | 'booked_low', string>;

/** Reads counts and sums over the whole ledger. */
export async function readLedgerTotals(db: Kysely<Database>): Promise<LedgerTotals> {
  const { rows } = await sql<Row>`SELECT
    (SELECT count(*) FROM accounts) AS accounts,
    (SELECT count(*) FROM transfers) AS transfers,
    (SELECT count(*) FROM transfers WHERE kind = 'charge') AS charges,
    (SELECT count(*) FROM holds WHERE state = 'open') AS "openHolds",
    (SELECT count(*) FROM holds WHERE state = 'settled') AS "settledHolds",
    (SELECT count(*) FROM messages WHERE status IN ('complete', 'incomplete'))
      AS "answeredMessages",
    a.high AS posted, a.low AS posted_low, t.high AS booked, t.low AS booked_low
    FROM (SELECT ${partsOf('posted')} FROM accounts) a,
      (SELECT ${partsOf('credits')} FROM transfers) t`.execute(db);
  const { posted, posted_low, booked, booked_low, ...counts } = rows[0] as Row;
  const postedCredits = wholeOf(posted, posted_low);
  return { ...counts, postedCredits, bookedCredits: wholeOf(booked, booked_low) };
}

/** As text, since the driver of SQLite reads no numbers beyond 2^53. */
function partsOf(column: string) {
  return sql.raw(`CAST(coalesce(sum(${column} / ${LOW}), 0) AS text) AS high,
    CAST(coalesce(sum(${column} % ${LOW}), 0) AS text) AS low`);
}

function wholeOf(high: string, low: string): bigint {
  return BigInt(high) * BigInt(LOW) + BigInt(low);
}
