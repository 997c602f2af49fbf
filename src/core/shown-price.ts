/** Prices as people read them: so much for a million of a unit, or for one. */
import { type Fraction, type Price, type PricedUnit, type Rate, rateOf } from './pricing.ts';
import { COUNTED_IN_MILLIONS, UNITS, type Unit } from './units.ts';

const MILLION = 1_000_000;
/** Amounts are rounded to so many parts of one. */
const PARTS = 1_000_000n;

/** What a price can have a rate for, in the order in which it is shown. */
export const PRICED_UNITS: readonly PricedUnit[] = ['message', ...UNITS];

/** A rate as it is shown. */
export interface ShownRate {
  readonly unit: PricedUnit;
  /** For how many of the unit the credits are. */
  readonly per: number;
  /** Rounded to six decimals. */
  readonly credits: number;
  /** It is for requests with more input than this; undefined if it is for all. */
  readonly aboveInput: number | undefined;
}

/** For how many of a unit its price is written: a million tokens, or one search. */
export function sizeOf(unit: PricedUnit): number {
  return COUNTED_IN_MILLIONS.has(unit as Unit) ? MILLION : 1;
}

/** An amount for as many of a unit as its price is written for, rounded to six decimals. */
export function shownAmount(each: Fraction, unit: PricedUnit): number {
  const parts = each.over * BigInt(sizeOf(unit)) * PARTS;
  return Number((parts * 2n + each.under) / (each.under * 2n)) / Number(PARTS);
}

/** The rates that a price has of its own, without those that follow from others. */
export function shownRates(price: Price): ShownRate[] {
  const all = [{ aboveInput: undefined, rates: price.rates }, ...(price.steps ?? [])];
  return all.flatMap(({ aboveInput, rates }) =>
    PRICED_UNITS.flatMap((unit): ShownRate[] => {
      const rate = rates[unit] && rateOf(price, unit, (aboveInput ?? -1) + 1);
      if (!rate) return [];
      return [{ unit, per: sizeOf(unit), credits: shownAmount(rate, unit), aboveInput }];
    }),
  );
}

/** The factors of the service tiers of a price, rounded to six decimals. */
export function shownTiers({ tiers = {} }: Price): Record<string, number> {
  const factorOf = ([over, under]: Rate) =>
    shownAmount({ over: BigInt(over), under: BigInt(under) }, 'message');
  return Object.fromEntries(Object.entries(tiers).map(([name, rate]) => [name, factorOf(rate)]));
}
