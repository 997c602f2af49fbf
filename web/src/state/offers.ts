/** Which models could answer in the place of one. */
import type { Model } from '../api/types.ts';
import { estimateOf, usualCostOf } from './price.ts';

/** What stands on one line; the choice of models has the others. */
const MOST_OFFERS = 2;

/**
 * Models that could answer instead: not failing, and usually paid for by the balance; the cheapest
 * first.
 */
export function offersInsteadOf(
  name: string,
  models: readonly Model[],
  balance: number,
): readonly Model[] {
  const isAffordable = (it: Model) => {
    const { credits, isExact } = estimateOf(it, 0);
    return (isExact ? credits : usualCostOf(it, 0)) <= balance;
  };
  return models
    .filter((it) => it.name !== name && !it.is_failing && isAffordable(it))
    .toSorted((a, b) => a.typical_cost.tokens - b.typical_cost.tokens)
    .slice(0, MOST_OFFERS);
}
