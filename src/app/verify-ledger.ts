import { faultsOfCharge } from '../core/audit.ts';
import type { BookTotals } from '../store/audit.ts';
import type { Context } from './context.ts';

const PAGE = 5_000;
const MOST_FAULTS = 1_000;

export interface VerifyReport extends BookTotals {
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
  return context.audit.atOneMoment(async (snapshot) => {
    const totals = await snapshot.totals();
    const faults: string[] = [];
    if (totals.postedCredits !== totals.bookedCredits) {
      faults.push(
        `All balances sum to ${totals.postedCredits}, ` +
          `but all transfers to ${totals.bookedCredits}.`,
      );
    }
    faults.push(...(await snapshot.accountFaults(MOST_FAULTS)));
    faults.push(...(await snapshot.chainFaults(MOST_FAULTS)));
    faults.push(...(await snapshot.looseEnds(MOST_FAULTS)));
    let done = 0;
    for (let afterId = ''; faults.length < MOST_FAULTS; ) {
      const charges = await snapshot.charges({ afterId, limit: PAGE });
      for (const charge of charges) faults.push(...faultsOfCharge(charge));
      done += charges.length;
      onProgress(done, totals.charges);
      if (charges.length < PAGE) break;
      afterId = charges.at(-1)?.id ?? '';
    }
    return { ...totals, faults };
  });
}
