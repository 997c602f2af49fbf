/** What calls of tools cost, as a part of the price by which a round is held and charged. */
import { type Fraction, type Price, type Rate, rateFrom, ZERO } from './pricing.ts';

/**
 * The price of a model with that of calls: a rate that makes exactly the sum for as many calls,
 * whatever each of them costs.
 */
export function priceWithCalls(price: Price, calls: readonly Rate[]): Price {
  if (calls.length === 0) return price;
  const { over, under } = sumOfRates(calls);
  const each = rateFrom(over, under * BigInt(calls.length));
  return { ...price, rates: { ...price.rates, tool_call: each } };
}

/** The sum of what calls cost, exactly. */
export function sumOfRates(calls: readonly Rate[]): Fraction {
  return calls.reduce(
    ({ over, under }, [credits, per]) => ({
      over: over * BigInt(per) + BigInt(credits) * under,
      under: under * BigInt(per),
    }),
    ZERO,
  );
}
