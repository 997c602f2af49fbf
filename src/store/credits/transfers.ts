import { type Kysely, type Selectable, sql } from 'kysely';
import type { TransferKind } from '../../core/ledger.ts';
import type { Counts, Unpriced } from '../../core/usage.ts';
import type { Database, TransferRow } from '../database/schema.ts';
import { type BookedTransfer, bookedTransfers } from './booked-transfers.ts';
import { unpricedFrom, usageFrom } from './stored-usage.ts';

/** A line of a statement. */
export interface StatementLine {
  readonly id: string;
  /** Counts the transfers of the account, from 1. */
  readonly number: number;
  readonly kind: TransferKind;
  readonly credits: number;
  readonly balanceCredits: number;
  readonly actor: string;
  /** Who used it, for a charge to a pool. */
  readonly userId: number | null;
  readonly reason: string | null;
  /** The name of the vouchers one of which gave it. */
  readonly voucher: string | null;
  readonly model: string | null;
  readonly usage: {
    readonly input: number | null;
    readonly cachedInput: number | null;
    readonly output: number | null;
    /** All of it, by unit; the three counts before are sums. */
    readonly units: Counts;
    readonly tier: string | null;
    /** How many answers were given. */
    readonly answers: number;
    /** Counts by unit, and `tier:NAME`, of what had no price; null if all had one. */
    readonly unpriced: Unpriced | null;
    readonly source: 'provider' | 'counted' | 'flat';
  } | null;
  /** The message of the charge, or of the charge that was refunded. */
  readonly messageId: string | null;
  /** Which round of the message it is, from 1; null if its model called no tools. */
  readonly round: number | null;
  /** Whether it is the charge for a title of a chat. */
  readonly isTitle: boolean;
  /** Whether it is a charge that was refunded. */
  readonly isRefunded: boolean;
  readonly atMs: number;
}

/** How many transfers of a pool are looked at for a page. */
const SCANNED = 2_000;

/** Reads transfers; the ledger books them. */
export class TransferStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** The balances before and after each of these transfers, by id. */
  async balances(
    transferIds: readonly string[],
  ): Promise<Map<string, { readonly beforeCredits: number; readonly afterCredits: number }>> {
    if (transferIds.length === 0) return new Map();
    const rows = await this.#db
      .selectFrom('transfers')
      .select(['id', 'credits', 'balance_after'])
      .where('id', 'in', transferIds)
      .execute();
    return new Map(
      rows.map(({ id, credits, balance_after: afterCredits }) => [
        id,
        { beforeCredits: afterCredits - credits, afterCredits },
      ]),
    );
  }

  /**
   * The conversations of a user's messages, and those that generations made titles of, by the id of
   * the message or generation; not of those outside of any.
   */
  async conversationsOf(
    userId: number,
    messageIds: readonly string[],
  ): Promise<Map<string, { readonly id: string; readonly title: string }>> {
    if (messageIds.length === 0) return new Map();
    const rows = await this.#db
      .selectFrom('messages as m')
      .leftJoin('title_generations as g', 'g.id', 'm.id')
      .innerJoin('conversations as c', (join) =>
        join.on('c.id', '=', sql<string>`coalesce(m.conversation_id, g.conversation_id)`),
      )
      .select(['m.id as message_id', 'c.id', 'c.title'])
      .where('m.id', 'in', messageIds)
      .where('m.user_id', '=', userId)
      .where('c.user_id', '=', userId)
      .execute();
    return new Map(rows.map(({ message_id: messageId, id, title }) => [messageId, { id, title }]));
  }

  /** A page of an account's transfers, oldest first, with what explains them. */
  booked(
    accountId: number,
    page: { readonly afterNumber: number; readonly limit: number },
  ): Promise<BookedTransfer[]> {
    return bookedTransfers(this.#db, accountId, page);
  }

  /** What an account was opened with; 0 if with nothing. */
  async openingBalanceOf(accountId: number): Promise<number> {
    const row = await this.#db
      .selectFrom('transfers')
      .select('credits')
      .where('account_id', '=', accountId)
      .where('number', '=', 1)
      .where('actor', '=', 'system')
      .where('kind', '=', 'grant')
      .executeTakeFirst();
    return row?.credits ?? 0;
  }

  /** The account of a transfer; undefined if there is no such transfer. */
  async accountOf(transferId: string): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('transfers')
      .select('account_id')
      .where('id', '=', transferId)
      .executeTakeFirst();
    return row?.account_id;
  }

  /**
   * A page of an account's transfers, newest first.
   * @param page `beforeNumber` is the number of the last line seen, or undefined to begin
   */
  async statement(
    accountId: number,
    page: { readonly beforeNumber: number | undefined; readonly limit: number },
  ): Promise<StatementLine[]> {
    let query = withRefunds(this.#db)
      .where('t.account_id', '=', accountId)
      .orderBy('t.number', 'desc')
      .limit(page.limit);
    if (page.beforeNumber !== undefined) query = query.where('t.number', '<', page.beforeNumber);
    return (await query.execute()).map(toLine);
  }

  /**
   * A page of the charges of a user to a pool and of their refunds, newest first, among a limited
   * number of the pool's transfers.
   * @returns `nextNumber` is where the next page goes on; undefined at the end
   */
  async useOf(
    poolId: number,
    userId: number,
    page: { readonly beforeNumber: number | undefined; readonly limit: number },
  ): Promise<{ readonly lines: StatementLine[]; readonly nextNumber: number | undefined }> {
    const { beforeNumber = Number.MAX_SAFE_INTEGER, limit } = page;
    // Transfers are numbered without gaps.
    const newest = await this.#db
      .selectFrom('transfers')
      .select('number')
      .where('account_id', '=', poolId)
      .where('number', '<', beforeNumber)
      .orderBy('number', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (!newest) return { lines: [], nextNumber: undefined };
    const fromNumber = Math.max(1, newest.number - SCANNED + 1);
    const rows = await withRefunds(this.#db)
      .leftJoin('transfers as c', 'c.id', 't.refund_of')
      .where('t.account_id', '=', poolId)
      .where('t.number', '>=', fromNumber)
      .where('t.number', '<=', newest.number)
      .where((is) => is.or([is('t.user_id', '=', userId), is('c.user_id', '=', userId)]))
      .orderBy('t.number', 'desc')
      .limit(limit)
      .execute();
    const lines = rows.map(toLine);
    const last = lines.length === limit ? (lines.at(-1)?.number ?? fromNumber) : fromNumber;
    return { lines, nextNumber: last > 1 ? last : undefined };
  }
}

function withRefunds(db: Kysely<Database>) {
  return db
    .selectFrom('transfers as t')
    .leftJoin('transfers as r', 'r.refund_of', 't.id')
    .leftJoin('voucher_redemptions as v', 'v.id', 't.id')
    .leftJoin('voucher_batches as b', 'b.id', 'v.batch_id')
    .leftJoin('title_generations as g', 'g.id', 't.id')
    .leftJoin('tool_rounds as n', (join) =>
      join.on('n.generation_id', '=', sql<string>`coalesce(t.refund_of, t.id)`),
    )
    .selectAll('t')
    .select(['n.message_id as whole_id', 'n.number as round'])
    .select(['r.id as refund_id', 'b.name as voucher', 'g.id as title_id']);
}

function toLine(
  row: Selectable<TransferRow> & {
    refund_id: string | null;
    voucher: string | null;
    title_id: string | null;
    whole_id: string | null;
    round: number | null;
  },
): StatementLine {
  return {
    id: row.id,
    number: row.number,
    kind: row.kind,
    credits: row.credits,
    balanceCredits: row.balance_after,
    actor: row.actor,
    userId: row.user_id,
    reason: row.reason,
    voucher: row.voucher,
    model: row.model,
    usage: row.usage_source && shownUsage(row, row.usage_source),
    messageId: row.whole_id ?? (row.kind === 'charge' ? row.id : row.refund_of),
    round: row.round,
    isTitle: row.title_id !== null,
    isRefunded: row.refund_id !== null,
    atMs: row.created_at,
  };
}

function shownUsage(
  row: Selectable<TransferRow>,
  source: NonNullable<TransferRow['usage_source']>,
): StatementLine['usage'] {
  const { counts, tier, answers = 1 } = usageFrom(row);
  return {
    input: row.usage_input,
    cachedInput: row.usage_cached_input,
    output: row.usage_output,
    units: counts,
    tier: tier ?? null,
    answers,
    unpriced: unpricedFrom(row) ?? null,
    source,
  };
}
