/** Counts and sums over the whole book. */
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/schema.ts';

export interface LedgerTotals {
  readonly accounts: number;
  readonly transfers: number;
  readonly charges: number;
  readonly openHolds: number;
  readonly settledHolds: number;
  readonly answeredMessages: number;
  /** The sum of all balances: larger than any of them may be, and than numbers are exact. */
  readonly postedCredits: bigint;
  /** The sum of all transfers. */
  readonly bookedCredits: bigint;
}

/** Amounts are summed in two parts, since thousands of the largest exceed 64 bits as well. */
const LOW = 1_000_000_000;

type Counts = Omit<LedgerTotals, 'postedCredits' | 'bookedCredits'>;
type Row = Counts & Record<'posted' | 'posted_low' | 'booked' | 'booked_low', string>;

/** Reads them. */
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

/** As text, since no number of SQLite's beyond 2^53 is read. */
function partsOf(column: string) {
  return sql.raw(`CAST(coalesce(sum(${column} / ${LOW}), 0) AS text) AS high,
    CAST(coalesce(sum(${column} % ${LOW}), 0) AS text) AS low`);
}

function wholeOf(high: string, low: string): bigint {
  return BigInt(high) * BigInt(LOW) + BigInt(low);
}
