import { faultsOfCharge, isAnswered } from '../../core/charge-check.ts';
import type { LedgerTotals } from '../../store/credits/ledger-totals.ts';
import type { LedgerVerifier } from '../../store/credits/ledger-verifier.ts';

/** Transfers per query. With fewer, PostgreSQL looks up each of them separately. */
const PAGE = 5_000;
const MAX_FAULTS = 1_000;

/** A ledger that can be verified: that in use, or the copy in a backup. */
export interface VerifyContext {
  readonly ledgerVerifier: Pick<LedgerVerifier, 'storageFaults' | 'atOneMoment'>;
}

export interface VerifyReport extends LedgerTotals {
  /** One sentence per fault; at most about a thousand. */
  readonly faults: readonly string[];
}

/**
 * Recomputes the whole ledger from one consistent snapshot: every balance and hold, the order and
 * sum of all transfers, every charge from its stored usage and price, and charges against messages.
 * Before that, SQLite checks its file.
 * @param onProgress receives how many charges are done, of how many
 */
export async function verifyLedger(
  context: VerifyContext,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<VerifyReport> {
  const damage = await context.ledgerVerifier.storageFaults(MAX_FAULTS);
  try {
    const report = await recompute(context, onProgress);
    return { ...report, faults: [...damage, ...report.faults] };
  } catch (error) {
    if (damage.length === 0) throw error;
    const reason = `The ledger in it cannot be read: ${(error as Error).message}.`;
    return { ...NOTHING_READ, faults: [...damage, reason] };
  }
}

const NOTHING_READ: LedgerTotals = {
  accounts: 0,
  transfers: 0,
  charges: 0,
  openHolds: 0,
  settledHolds: 0,
  answeredMessages: 0,
  postedCredits: 0n,
  bookedCredits: 0n,
};

function recompute(
  context: VerifyContext,
  onProgress: (done: number, total: number) => void,
): Promise<VerifyReport> {
  return context.ledgerVerifier.atOneMoment(async (snapshot) => {
    const totals = await snapshot.totals();
    const faults: string[] = [];
    if (totals.postedCredits !== totals.bookedCredits) {
      faults.push(
        `All balances sum to ${totals.postedCredits}, ` +
          `but all transfers to ${totals.bookedCredits}.`,
      );
    }
    faults.push(...(await snapshot.accountFaults(MAX_FAULTS)));
    faults.push(...(await snapshot.budgetFaults(MAX_FAULTS)));
    faults.push(...(await snapshot.refundFaults(MAX_FAULTS)));
    const seen = { charges: 0, answeredMessages: 0, settledHolds: 0 };
    for (let afterId: string | undefined = ''; afterId !== undefined; ) {
      const { charges, lastId } = await snapshot.charges({ afterId, limit: PAGE });
      for (const charge of charges) {
        faults.push(...faultsOfCharge(charge));
        if (isAnswered(charge.messageStatus)) seen.answeredMessages += 1;
        if (charge.holdState === 'settled') seen.settledHolds += 1;
      }
      if (faults.length >= MAX_FAULTS) break;
      seen.charges += charges.length;
      onProgress(seen.charges, totals.charges);
      afterId = lastId;
    }
    // Every charge was checked with its message and hold, so with equal totals none is uncharged.
    const { answeredMessages, settledHolds } = totals;
    if (seen.answeredMessages !== answeredMessages || seen.settledHolds !== settledHolds) {
      faults.push(...(await snapshot.uncharged(MAX_FAULTS)));
    }
    return { ...totals, faults };
  });
}
