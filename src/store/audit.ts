import { type Kysely, sql, type Transaction } from 'kysely';
import type { AuditedCharge } from '../core/audit.ts';
import type { Price } from '../core/pricing.ts';
import type { Database } from './schema.ts';

export interface BookTotals {
  readonly accounts: number;
  readonly transfers: number;
  readonly charges: number;
  readonly openHolds: number;
  /** The sum of all balances. */
  readonly postedCredits: number;
  /** The sum of all transfers. */
  readonly bookedCredits: number;
}

/** Reads the whole book for the command that recomputes it. */
export class AuditStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Runs work on the book as it is at one moment, while others go on writing. */
  atOneMoment<T>(work: (snapshot: AuditSnapshot) => Promise<T>): Promise<T> {
    return this.#db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute((transaction) => work(new AuditSnapshot(transaction)));
  }
}

/** The book at one moment. Lists stop at a limit: who has a thousand faults need not see all. */
export class AuditSnapshot {
  readonly #db: Transaction<Database>;
  /** Prices are few, their texts are many. */
  readonly #prices = new Map<string, Price>();

  constructor(db: Transaction<Database>) {
    this.#db = db;
  }

  /** Counts and sums over everything. */
  async totals(): Promise<BookTotals> {
    const { rows } = await sql<BookTotals>`SELECT
      (SELECT count(*) FROM accounts) AS accounts,
      (SELECT count(*) FROM transfers) AS transfers,
      (SELECT count(*) FROM transfers WHERE kind = 'charge') AS charges,
      (SELECT count(*) FROM holds WHERE state = 'open') AS "openHolds",
      (SELECT CAST(coalesce(sum(posted), 0) AS bigint) FROM accounts) AS "postedCredits",
      (SELECT CAST(coalesce(sum(credits), 0) AS bigint) FROM transfers) AS "bookedCredits"
    `.execute(this.#db);
    return rows[0] as BookTotals;
  }

  /** Accounts whose balance, hold or count is not what their bookings make it. */
  async accountFaults(limit: number): Promise<string[]> {
    const { rows } = await sql<Record<string, number>>`
      SELECT a.id, a.posted, a.held, a.transfer_count, coalesce(t.credits, 0) AS booked,
        coalesce(t.count, 0) AS count, coalesce(t.last, 0) AS last, coalesce(h.credits, 0) AS open
      FROM accounts a
      LEFT JOIN (
        SELECT account_id, CAST(sum(credits) AS bigint) AS credits, count(*) AS count,
          max(number) AS last
        FROM transfers GROUP BY account_id
      ) t ON t.account_id = a.id
      LEFT JOIN (
        SELECT account_id, CAST(sum(credits) AS bigint) AS credits
        FROM holds WHERE state = 'open' GROUP BY account_id
      ) h ON h.account_id = a.id
      WHERE a.posted <> coalesce(t.credits, 0) OR a.held <> coalesce(h.credits, 0)
        OR a.transfer_count <> coalesce(t.count, 0) OR a.transfer_count <> coalesce(t.last, 0)
      ORDER BY a.id LIMIT ${limit}`.execute(this.#db);
    return rows.flatMap(describeAccount);
  }

  /** Transfers whose balance after them is not the one before plus their amount. */
  async chainFaults(limit: number): Promise<string[]> {
    const { rows } = await sql<{ id: string; account_id: number }>`
      SELECT id, account_id FROM (
        SELECT id, account_id, balance_after, credits,
          lag(balance_after, 1, 0) OVER (PARTITION BY account_id ORDER BY number) AS before
        FROM transfers
      ) t WHERE balance_after <> before + credits ORDER BY account_id, id LIMIT ${limit}
    `.execute(this.#db);
    return rows.map(
      (row) =>
        `Transfer ${row.id} of account ${row.account_id} does not follow from the one before.`,
    );
  }

  /** What should have a charge and has none, and refunds that give back another amount. */
  async looseEnds(limit: number): Promise<string[]> {
    const { rows } = await sql<{ sentence: string }>`
      SELECT 'Message ' || m.id || ' is answered, but was not charged.' AS sentence
      FROM messages m LEFT JOIN transfers t ON t.id = m.id
      WHERE m.status IN ('complete', 'incomplete') AND t.id IS NULL
      UNION ALL
      SELECT 'Hold ' || h.id || ' is settled, but there is no charge.'
      FROM holds h LEFT JOIN transfers t ON t.id = h.id
      WHERE h.state = 'settled' AND t.id IS NULL
      UNION ALL
      SELECT 'Refund ' || r.id || ' gives back another amount than was charged.'
      FROM transfers r JOIN transfers t ON t.id = r.refund_of
      WHERE r.refund_of IS NOT NULL AND (r.credits <> -t.credits OR t.kind <> 'charge')
      LIMIT ${limit}`.execute(this.#db);
    return rows.map(({ sentence }) => sentence);
  }

  /** A page of charges in the order of their ids. */
  async charges(page: { afterId: string; limit: number }): Promise<AuditedCharge[]> {
    const rows = await this.#db
      .selectFrom('transfers as t')
      .leftJoin('messages as m', 'm.id', 't.id')
      .leftJoin('holds as h', 'h.id', 't.id')
      .select(['t.id', 't.credits', 't.shortfall', 't.price', 't.usage_source'])
      .select(['t.usage_input', 't.usage_cached_input', 't.usage_output'])
      .select(['m.status', 'h.state', 'h.credits as held'])
      .where('t.kind', '=', 'charge')
      .where('t.id', '>', page.afterId)
      .orderBy('t.id')
      .limit(page.limit)
      .execute();
    return rows.map((row) => ({
      id: row.id,
      credits: row.credits,
      shortfallCredits: row.shortfall,
      price: this.#priceOf(row.price ?? ''),
      usage: {
        inputTokens: row.usage_input ?? undefined,
        cachedInputTokens: row.usage_cached_input ?? undefined,
        outputTokens: row.usage_output ?? undefined,
      },
      usageSource: row.usage_source ?? 'flat',
      messageStatus: row.status,
      holdState: row.state,
      heldCredits: row.held,
    }));
  }

  #priceOf(text: string): Price {
    let price = this.#prices.get(text);
    if (!price) {
      price = JSON.parse(text) as Price;
      this.#prices.set(text, price);
    }
    return price;
  }
}

function describeAccount(row: Record<string, number>): string[] {
  const { id, posted, held, transfer_count: counted, booked, open, count, last } = row;
  const faults: string[] = [];
  if (posted !== booked) {
    faults.push(`Account ${id} has ${posted} posted, but its transfers sum to ${booked}.`);
  }
  if (held !== open) {
    faults.push(`Account ${id} has ${held} held, but its open holds sum to ${open}.`);
  }
  if (counted !== count || counted !== last) {
    faults.push(
      `Account ${id} counts ${counted} transfers, but has ${count}, the last numbered ${last}.`,
    );
  }
  return faults;
}
