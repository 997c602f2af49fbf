import type { Context } from '../context.ts';
import { idFrom } from './periods.ts';

/** What is used without a price is mended or noticed in this time. */
const SPAN_MS = 7 * 86_400_000;
/** There are few such charges, unless a price is wrong; then the latest say enough. */
const MAX_CHARGES = 10_000;

/** A unit that was used although its model has no price of it. */
export interface UnpricedUnit {
  /** A unit, or `tier:NAME`. */
  readonly unit: string;
  /** How many of the unit were used. */
  readonly count: number;
  /** In how many charges. */
  readonly charges: number;
}

/** What was used without a price in the last seven days, by model; the most frequent first. */
export async function readUnpriced({
  recentGenerations,
  now,
}: Context): Promise<Map<string, UnpricedUnit[]>> {
  const from = idFrom(now() - SPAN_MS);
  const sums = new Map<string, Map<string, UnpricedUnit>>();
  for (const { model, unpriced } of await recentGenerations.unpriced({
    from,
    limit: MAX_CHARGES,
  })) {
    const ofModel = sums.get(model) ?? new Map<string, UnpricedUnit>();
    sums.set(model, ofModel);
    for (const [unit, count] of Object.entries(unpriced)) {
      const before = ofModel.get(unit) ?? { unit, count: 0, charges: 0 };
      ofModel.set(unit, { unit, count: before.count + count, charges: before.charges + 1 });
    }
  }
  const byCharges = (a: UnpricedUnit, b: UnpricedUnit) => b.charges - a.charges;
  return new Map([...sums].map(([model, it]) => [model, [...it.values()].toSorted(byCharges)]));
}
