/** The transfers of an account in the order of their booking, with all that explains them. */
import type { Kysely } from 'kysely';
import type { TransferKind } from '../../core/ledger.ts';
import { type Price, priceFromJson } from '../../core/pricing.ts';
import type { Usage } from '../../core/usage.ts';
import type { Database } from '../database/schema.ts';
import { usageFrom } from './stored-usage.ts';

export interface BookedTransfer {
  readonly id: string;
  /** Counts the transfers of the account, from 1. */
  readonly number: number;
  readonly kind: TransferKind;
  readonly credits: number;
  readonly balanceAfterCredits: number;
  readonly atMs: number;
  readonly charge: BookedCharge | undefined;
}

/** What a charge is for. */
export interface BookedCharge {
  readonly model: string;
  readonly price: Price;
  readonly usage: Usage;
  readonly usageSource: 'provider' | 'counted' | 'flat';
  /** What the reply cost beyond what was held; the operator's loss. */
  readonly shortfallCredits: number;
  /** What had been set aside; null if the hold is missing. */
  readonly heldCredits: number | null;
}

/** A page of an account's transfers, oldest first. */
export async function bookedTransfers(
  db: Kysely<Database>,
  accountId: number,
  page: { readonly afterNumber: number; readonly limit: number },
): Promise<BookedTransfer[]> {
  const rows = await db
    .selectFrom('transfers as t')
    .leftJoin('holds as h', 'h.id', 't.id')
    .selectAll('t')
    .select('h.credits as held')
    .where('t.account_id', '=', accountId)
    .where('t.number', '>', page.afterNumber)
    .orderBy('t.number')
    .limit(page.limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    number: row.number,
    kind: row.kind,
    credits: row.credits,
    balanceAfterCredits: row.balance_after,
    atMs: row.created_at,
    charge:
      row.kind === 'charge'
        ? {
            model: row.model ?? '',
            price: priceFromJson(row.price ?? '{"rates":{}}'),
            usage: usageFrom(row),
            usageSource: row.usage_source ?? 'flat',
            shortfallCredits: row.shortfall,
            heldCredits: row.held,
          }
        : undefined,
  }));
}
