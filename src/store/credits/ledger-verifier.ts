import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { CheckedCharge } from '../../core/charge-check.ts';
import { type Price, priceFromJson } from '../../core/pricing.ts';
import type { StorageCheck } from '../database/dialect.ts';
import type { Database } from '../database/schema.ts';
import { type LedgerTotals, readLedgerTotals } from './ledger-totals.ts';
import { unpricedFrom, usageFrom } from './stored-usage.ts';

/** Every transfer with the balance before it. */
const CHAIN = sql`SELECT account_id, number, credits, balance_after, expiring_after,
  lag(balance_after, 1, 0) OVER (PARTITION BY account_id ORDER BY number) AS before
  FROM transfers`;

/** The transfers of accounts, with the balance, and what of it ends with its allowance, before. */
function expiringChainOf(accounts: RawBuilder<unknown>) {
  return sql`SELECT id, account_id, number, kind, credits, balance_after, expiring_after,
    lag(balance_after, 1, 0) OVER (PARTITION BY account_id ORDER BY number) AS before,
    lag(expiring_after, 1, 0) OVER (PARTITION BY account_id ORDER BY number) AS expiring_before
    FROM transfers WHERE account_id IN (${accounts})`;
}

/**
 * Whether what ends with its allowance does not follow from the transfer before: an allowance adds
 * to it, an expiry takes from it, a charge takes from it first.
 */
const IS_EXPIRING_BROKEN = sql`expiring_after <> CASE WHEN kind IN ('allowance', 'expiry', 'charge')
  THEN CASE WHEN expiring_before + credits > 0 THEN expiring_before + credits ELSE 0 END
  WHEN expiring_before < balance_after THEN expiring_before ELSE balance_after END`;

/** Finds differences between what the ledger says and what its transfers and holds add up to. */
export class LedgerVerifier {
  readonly #db: Kysely<Database>;
  readonly #storageCheck: StorageCheck;

  constructor(db: Kysely<Database>, storageCheck: StorageCheck) {
    this.#db = db;
    this.#storageCheck = storageCheck;
  }

  /** Damage to what the database has stored, at most `limit` lines; on PostgreSQL none is found. */
  storageFaults(limit: number): Promise<string[]> {
    return this.#storageCheck(limit);
  }

  /** Runs work on a snapshot of the ledger, while others go on writing. */
  atOneMoment<T>(work: (snapshot: LedgerSnapshot) => Promise<T>): Promise<T> {
    return this.#db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute((transaction) => work(new LedgerSnapshot(transaction)));
  }
}

/** The ledger at one moment. Every list of faults stops at a limit. */
export class LedgerSnapshot {
  readonly #db: Transaction<Database>;
  /** Parsed prices by their JSON: many charges share a few prices. */
  readonly #prices = new Map<string, Price>();

  constructor(db: Transaction<Database>) {
    this.#db = db;
  }

  /** Counts and sums over everything. */
  totals(): Promise<LedgerTotals> {
    return readLedgerTotals(this.#db);
  }

  /**
   * Accounts whose balance, hold or count differs from the sum of their transfers and open holds,
   * and transfers that do not follow from the one before. One pass over all transfers, and another
   * over those of accounts that have had a plan.
   */
  async accountFaults(limit: number): Promise<string[]> {
    const { rows } = await sql<DifferingAccount>`
      SELECT a.id, ${asText('a.posted')} AS posted, ${asText('a.held')} AS held, a.transfer_count,
        ${asText('t.credits')} AS booked, coalesce(t.count, 0) AS count,
        coalesce(t.last, 0) AS last, ${asText('h.credits')} AS open,
        coalesce(t.broken, 0) AS broken
      FROM accounts a
      LEFT JOIN (
        SELECT account_id, CAST(sum(credits) AS bigint) AS credits, count(*) AS count,
          max(number) AS last, max(expiring_after) AS most_expiring,
          sum(CASE WHEN balance_after <> before + credits THEN 1 ELSE 0 END) AS broken
        FROM (${CHAIN}) chain GROUP BY account_id
      ) t ON t.account_id = a.id
      LEFT JOIN (
        SELECT account_id, CAST(sum(credits) AS bigint) AS credits
        FROM holds WHERE state = 'open' GROUP BY account_id
      ) h ON h.account_id = a.id
      WHERE a.posted <> coalesce(t.credits, 0) OR a.held <> coalesce(h.credits, 0)
        OR a.transfer_count <> coalesce(t.count, 0) OR a.transfer_count <> coalesce(t.last, 0)
        OR t.broken > 0 OR a.has_limits = 0 AND (a.expiring <> 0 OR t.most_expiring <> 0)
      ORDER BY a.id LIMIT ${limit}`.execute(this.#db);
    const expiring = await this.#expiringFaults(rows, limit);
    const broken = rows.filter((row) => row.broken > 0).map(({ id }) => id);
    const isBroken = sql`balance_after <> before + credits`;
    return [
      ...rows.flatMap(describeAccount),
      ...expiring.faults,
      ...(await this.#brokenTransfers(broken, isBroken, limit)),
      ...(await this.#brokenTransfers(expiring.broken, IS_EXPIRING_BROKEN, limit)),
    ];
  }

  /**
   * Accounts for which what ends with its allowance does not follow from their transfers: of those
   * that have had a plan, and of others where something should be found.
   */
  async #expiringFaults(
    others: readonly { readonly id: number }[],
    limit: number,
  ): Promise<{ readonly faults: string[]; readonly broken: readonly number[] }> {
    const ids =
      others.length > 0 ? sql` OR id IN (${sql.join(others.map(({ id }) => id))})` : sql``;
    const suspects = sql`SELECT id FROM accounts WHERE has_limits = 1${ids}`;
    const { rows } = await sql<DifferingExpiring>`
      SELECT a.id, ${asText('a.expiring')} AS expiring, ${asText('t.expiring')} AS expected,
        coalesce(t.broken, 0) AS broken
      FROM accounts a
      LEFT JOIN (
        SELECT account_id, CAST(sum(expiring_after - expiring_before) AS bigint) AS expiring,
          sum(CASE WHEN ${IS_EXPIRING_BROKEN} THEN 1 ELSE 0 END) AS broken
        FROM (${expiringChainOf(suspects)}) chain GROUP BY account_id
      ) t ON t.account_id = a.id
      WHERE a.id IN (${suspects}) AND (a.expiring <> coalesce(t.expiring, 0) OR t.broken > 0)
      ORDER BY a.id LIMIT ${limit}`.execute(this.#db);
    return {
      faults: rows.filter((it) => it.expiring !== it.expected).map(describeExpiring),
      broken: rows.filter((it) => it.broken > 0).map(({ id }) => id),
    };
  }

  async #brokenTransfers(
    accountIds: readonly number[],
    isBroken: RawBuilder<unknown>,
    limit: number,
  ): Promise<string[]> {
    if (accountIds.length === 0) return [];
    const { rows } = await sql<{ id: string; account_id: number }>`
      SELECT id, account_id FROM (${expiringChainOf(sql.join(accountIds))}) chain
      WHERE ${isBroken} ORDER BY account_id, id LIMIT ${limit}`.execute(this.#db);
    return rows.map(
      (row) =>
        `Transfer ${row.id} of account ${row.account_id} does not follow from the one before.`,
    );
  }

  /**
   * Budgets whose `spent` or `held` differs from the sum of the charges and open holds that were
   * admitted in the present window.
   */
  async budgetFaults(limit: number): Promise<string[]> {
    const { rows } = await sql<DifferingBudget>`
      SELECT b.kind, b.scope, coalesce(c.subject, u.subject) AS subject,
        ${asText('c.spent')} AS spent, ${asText('c.held')} AS held,
        ${asText('u.charged')} AS charged, ${asText('u.open')} AS open
      FROM (
        SELECT v.budget_id, v.subject, v.window_start,
          CAST(sum(v.charged) AS bigint) AS charged, CAST(sum(v.open) AS bigint) AS open
        FROM held_budgets v GROUP BY v.budget_id, v.subject, v.window_start
      ) u
      FULL JOIN budget_counters c ON c.budget_id = u.budget_id AND c.subject = u.subject
        AND c.window_start = u.window_start
      JOIN budgets b ON b.id = coalesce(c.budget_id, u.budget_id)
      LEFT JOIN budget_counters present ON present.budget_id = u.budget_id
        AND present.subject = u.subject
      -- What was admitted in an earlier window counts no more.
      WHERE (c.budget_id IS NOT NULL OR u.window_start > coalesce(present.window_start, -1))
        AND (coalesce(c.spent, -1) <> coalesce(u.charged, 0)
          OR coalesce(c.held, -1) <> coalesce(u.open, 0))
      ORDER BY b.id, subject LIMIT ${limit}`.execute(this.#db);
    return rows.flatMap(describeBudget);
  }

  /** Answered messages and settled holds without a charge. */
  async uncharged(limit: number): Promise<string[]> {
    const { rows } = await sql<{ fault: string }>`
      SELECT 'Message ' || m.id || ' is answered, but was not charged.' AS fault
      FROM messages m LEFT JOIN transfers t ON t.id = m.id
      WHERE m.status IN ('complete', 'incomplete') AND t.id IS NULL
      UNION ALL
      SELECT 'Hold ' || h.id || ' is settled, but there is no charge.'
      FROM holds h LEFT JOIN transfers t ON t.id = h.id
      WHERE h.state = 'settled' AND t.id IS NULL
      LIMIT ${limit}`.execute(this.#db);
    return rows.map(({ fault }) => fault);
  }

  /** Refunds whose amount is not that of the charge. */
  async refundFaults(limit: number): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`
      SELECT r.id FROM transfers r JOIN transfers t ON t.id = r.refund_of
      WHERE r.refund_of IS NOT NULL AND (r.credits <> -t.credits OR t.kind <> 'charge')
      LIMIT ${limit}`.execute(this.#db);
    return rows.map(({ id }) => `Refund ${id} gives back another amount than was charged.`);
  }

  /**
   * The charges among the transfers that follow an id, in the order of ids.
   * @returns `lastId` is where the next page begins, or undefined after the last
   */
  async charges(page: {
    readonly afterId: string;
    /** How many transfers of any kind to look at. */
    readonly limit: number;
  }): Promise<{ readonly charges: CheckedCharge[]; readonly lastId: string | undefined }> {
    const { afterId } = page;
    const lastId = await this.#lastId(page);
    if (lastId === undefined) return { charges: [], lastId };
    // The same bounds for all three tables, so that PostgreSQL merges three index ranges.
    const rows = await this.#db
      .selectFrom('transfers as t')
      .leftJoin('messages as m', (join) =>
        join.onRef('m.id', '=', 't.id').on('m.id', '>', afterId).on('m.id', '<=', lastId),
      )
      .leftJoin('holds as h', (join) =>
        join.onRef('h.id', '=', 't.id').on('h.id', '>', afterId).on('h.id', '<=', lastId),
      )
      .select(['t.id', 't.credits', 't.shortfall', 't.price', 't.usage_source'])
      .select(['t.usage_input', 't.usage_cached_input', 't.usage_output', 't.usage', 't.unpriced'])
      .select(['m.status', 'h.state', 'h.credits as held'])
      .where('t.kind', '=', 'charge')
      .where('t.id', '>', afterId)
      .where('t.id', '<=', lastId)
      .orderBy('t.id')
      .execute();
    return { charges: rows.map((row) => this.#chargeOf(row)), lastId };
  }

  async #lastId(page: { afterId: string; limit: number }): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom((from) =>
        from
          .selectFrom('transfers')
          .select('id')
          .where('id', '>', page.afterId)
          .orderBy('id')
          .limit(page.limit)
          .as('page'),
      )
      .select(({ fn }) => fn.max('id').as('id'))
      .executeTakeFirst();
    return row?.id ?? undefined;
  }

  #chargeOf(row: ChargeRow): CheckedCharge {
    return {
      id: row.id,
      credits: row.credits,
      shortfallCredits: row.shortfall,
      price: this.#priceOf(row.price ?? ''),
      usage: usageFrom(row),
      storedCounts: {
        input: row.usage_input ?? undefined,
        cachedInput: row.usage_cached_input ?? undefined,
        output: row.usage_output ?? undefined,
      },
      unpriced: unpricedFrom(row),
      usageSource: row.usage_source ?? 'flat',
      messageStatus: row.status,
      holdState: row.state,
      heldCredits: row.held,
    };
  }

  #priceOf(text: string): Price {
    let price = this.#prices.get(text);
    if (!price) {
      price = priceFromJson(text);
      this.#prices.set(text, price);
    }
    return price;
  }
}

interface ChargeRow {
  readonly id: string;
  readonly credits: number;
  readonly shortfall: number;
  readonly price: string | null;
  readonly usage_source: CheckedCharge['usageSource'] | null;
  readonly usage_input: number | null;
  readonly usage_cached_input: number | null;
  readonly usage_output: number | null;
  readonly usage: string | null;
  readonly unpriced: string | null;
  readonly status: string | null;
  readonly state: string | null;
  readonly held: number | null;
}

/** An amount as text: in a ledger that was tampered with it can be beyond 2^53. */
function asText(amount: string) {
  return sql.raw(`CAST(coalesce(${amount}, 0) AS text)`);
}

interface DifferingAccount {
  readonly id: number;
  readonly posted: string;
  readonly held: string;
  readonly transfer_count: number;
  readonly booked: string;
  readonly open: string;
  readonly count: number;
  readonly last: number;
  readonly broken: number;
}

interface DifferingExpiring {
  readonly id: number;
  readonly expiring: string;
  readonly expected: string;
  readonly broken: number;
}

interface DifferingBudget {
  readonly kind: string;
  readonly scope: string;
  readonly subject: number;
  readonly spent: string;
  readonly held: string;
  readonly charged: string;
  readonly open: string;
}

function describeBudget({ kind, scope, subject, ...sums }: DifferingBudget): string[] {
  const { spent, held, charged, open } = sums;
  const name = kind === 'key' ? `API key ${scope}` : `Budget ${kind} ${scope} of ${subject}`;
  const faults: string[] = [];
  if (spent !== charged) {
    faults.push(`${name} has ${spent} spent, but its charges sum to ${charged}.`);
  }
  if (held !== open) {
    faults.push(`${name} has ${held} held, but its open holds sum to ${open}.`);
  }
  return faults;
}

function describeAccount(row: DifferingAccount): string[] {
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

function describeExpiring({ id, expiring, expected }: DifferingExpiring): string {
  return `Account ${id} has ${expiring} expiring, but ${expected} follow from its transfers.`;
}
