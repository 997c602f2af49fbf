import { faultsOfCharge, isAnswered } from '../../core/charge-check.ts';
import type { LedgerTotals } from '../../store/credits/ledger-totals.ts';
import type { Context } from '../context.ts';

/** Transfers at a time. Fewer, and PostgreSQL looks each of them up by itself. */
const PAGE = 5_000;
const MOST_FAULTS = 1_000;

export interface VerifyReport extends LedgerTotals {
  /** One sentence for each thing that is not as it must be; at most about a thousand. */
  readonly faults: readonly string[];
}

/**
 * Recomputes the whole book as it is at one moment: every balance and hold, the order and the sum
 * of all transfers, every charge from its stored usage and price, and charges against messages.
 * @param onProgress told how many charges are done, of how many
 */
export function verifyLedger(
  context: Context,
  onProgress: (done: number, total: number) => void = () => undefined,
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
    faults.push(...(await snapshot.accountFaults(MOST_FAULTS)));
    faults.push(...(await snapshot.apiKeyFaults(MOST_FAULTS)));
    faults.push(...(await snapshot.refundFaults(MOST_FAULTS)));
    const seen = { charges: 0, answeredMessages: 0, settledHolds: 0 };
    for (let afterId: string | undefined = ''; afterId !== undefined; ) {
      const { charges, lastId } = await snapshot.charges({ afterId, limit: PAGE });
      for (const charge of charges) {
        faults.push(...faultsOfCharge(charge));
        if (isAnswered(charge.messageStatus)) seen.answeredMessages += 1;
        if (charge.holdState === 'settled') seen.settledHolds += 1;
      }
      if (faults.length >= MOST_FAULTS) break;
      seen.charges += charges.length;
      onProgress(seen.charges, totals.charges);
      afterId = lastId;
    }
    // Each charge has seen its message and its hold; if there are no more of them, none is without.
    const { answeredMessages, settledHolds } = totals;
    if (seen.answeredMessages !== answeredMessages || seen.settledHolds !== settledHolds) {
      faults.push(...(await snapshot.uncharged(MOST_FAULTS)));
    }
    return { ...totals, faults };
  });
}
