/** How the cost of a charge comes about, unit by unit. */
import type { Credits } from './credits.ts';
import {
  costOf,
  type Fraction,
  isTiered,
  ONE,
  type Price,
  type PricedUnit,
  plus,
  rateOf,
  tierFactor,
  times,
  ZERO,
} from './pricing.ts';
import { PRICED_UNITS, shownAmount, sizeOf } from './shown-price.ts';
import { totalInput, type Usage } from './usage.ts';

/** So much of a unit at a rate. */
export interface ChargeLine {
  readonly unit: PricedUnit;
  readonly count: number;
  /** Credits for `per` of the unit; undefined if the price has no rate for it. */
  readonly rate: number | undefined;
  readonly per: number;
  /** What it costs before rounding, to six places, with the factor of the tier. */
  readonly credits: number;
}

export interface ChargeLines {
  readonly lines: readonly ChargeLine[];
  /** The factor of the service tier; 1 without one. */
  readonly factor: number;
  /** The sum, rounded up once. */
  readonly costCredits: Credits;
}

/** The lines of which a cost is the sum. */
export function linesOfCharge(price: Price, usage: Usage): ChargeLines {
  const { counts, tier, answers = 1 } = usage;
  const input = totalInput(counts) ?? 0;
  const factor = tierFactor(price, tier) ?? ONE;
  const lines = PRICED_UNITS.flatMap((unit): ChargeLine[] => {
    const count = unit === 'message' ? answers : (counts[unit] ?? 0);
    const rate = rateOf(price, unit, input);
    if (count === 0 || (unit === 'message' && (!rate || rate.over === 0n))) return [];
    const cost = rate ? plus(ZERO, count, rate) : ZERO;
    return [
      {
        unit,
        count,
        rate: rate && shownAmount(rate, unit),
        per: sizeOf(unit),
        // A message and a tool cost the same in every tier.
        credits: decimal(isTiered(unit) ? times(cost, factor) : cost),
      },
    ];
  });
  return { lines, factor: decimal(factor), costCredits: costOf(price, usage) };
}

const PLACES = 1_000_000n;

function decimal({ over, under }: Fraction): number {
  return Number((over * PLACES) / under) / Number(PLACES);
}
