/** Checks a charge by recomputing it from what is stored. */
import type { Credits } from './credits.ts';
import { costOf, isFlat, type Price } from './pricing.ts';
import type { Usage, UsageSource } from './usage.ts';

/** A charge with its message and its hold; null where one is missing. */
export interface CheckedCharge {
  readonly id: string;
  readonly credits: Credits;
  readonly shortfallCredits: Credits;
  readonly price: Price;
  readonly usage: Usage;
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
  return faults;
}
