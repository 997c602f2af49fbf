/** Checks a charge by recomputing it from what is stored. */
import type { Credits } from './credits.ts';
import { costOf, isFlat, type Price, unpricedIn } from './pricing.ts';
import { totalInput, totalOutput, type Unpriced, type Usage, type UsageSource } from './usage.ts';

/** A charge with its message and its hold; null where one is missing. */
export interface CheckedCharge {
  readonly id: string;
  readonly credits: Credits;
  readonly shortfallCredits: Credits;
  readonly price: Price;
  readonly usage: Usage;
  /** The same usage in the three counts that sums are made of. */
  readonly storedCounts: {
    readonly input: number | undefined;
    readonly cachedInput: number | undefined;
    readonly output: number | undefined;
  };
  /** What of it is recorded as having had no price. */
  readonly unpriced: Unpriced | undefined;
  readonly usageSource: UsageSource;
  readonly messageStatus: string | null;
  readonly holdState: string | null;
  readonly heldCredits: Credits | null;
}

/** Whether a message of this status must have been charged. */
export function isAnswered(messageStatus: string | null): boolean {
  return messageStatus === 'complete' || messageStatus === 'incomplete';
}

/** What is wrong with a charge, one sentence per fault. */
export function faultsOfCharge(charge: CheckedCharge): string[] {
  const faults: string[] = [];
  const name = `Charge ${charge.id}`;
  const { messageStatus, holdState, heldCredits, usageSource, price } = charge;
  if (!isAnswered(messageStatus)) {
    faults.push(`${name} has no answered message: it is ${messageStatus ?? 'missing'}.`);
  }
  if (holdState !== 'settled') {
    faults.push(`${name} has no settled hold: it is ${holdState ?? 'missing'}.`);
  }
  if ((usageSource === 'flat') !== isFlat(price)) {
    faults.push(`${name} has the usage source "${usageSource}", which does not fit its price.`);
  }
  const chargedCredits = 0 - charge.credits;
  if (heldCredits !== null && chargedCredits > heldCredits) {
    faults.push(`${name} took ${chargedCredits}, more than the ${heldCredits} that were held.`);
  }
  const costCredits = costOf(price, charge.usage);
  if (chargedCredits + charge.shortfallCredits !== costCredits) {
    faults.push(
      `${name} booked ${chargedCredits} and a shortfall of ${charge.shortfallCredits}, ` +
        `but its usage costs ${costCredits}.`,
    );
  }
  if (!hasSameCounts(charge)) {
    faults.push(`${name} has counts that are not the sums of its usage by unit.`);
  }
  const unpriced = unpricedIn(price, charge.usage);
  if (JSON.stringify(unpriced) !== JSON.stringify(charge.unpriced)) {
    faults.push(
      `${name} records ${textOf(charge.unpriced)} as without a price, but it is ` +
        `${textOf(unpriced)}.`,
    );
  }
  return faults;
}

function hasSameCounts({ usage: { counts }, storedCounts: stored }: CheckedCharge): boolean {
  return (
    totalInput(counts) === stored.input &&
    counts.cached_input === stored.cachedInput &&
    totalOutput(counts) === stored.output
  );
}

function textOf(unpriced: Unpriced | undefined): string {
  return unpriced ? JSON.stringify(unpriced) : 'nothing';
}
