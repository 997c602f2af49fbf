/** Arbitrary prices and usages, for property tests. */
import fc from 'fast-check';
import { type Price, type Rate, type Rates, rateFrom } from '../../src/core/pricing.ts';
import { UNITS } from '../../src/core/units.ts';
import type { Usage } from '../../src/core/usage.ts';

const anyRate: fc.Arbitrary<Rate> = fc
  .tuple(fc.nat({ max: 10_000_000_000 }), fc.constantFrom(1, 7, 1_000, 1_000_000, 3_000_000))
  .map(([credits, per]) => rateFrom(BigInt(credits), BigInt(per)));

const anyRates: fc.Arbitrary<Rates> = fc
  .record(Object.fromEntries(['message', ...UNITS].map((unit) => [unit, anyRate])), {
    requiredKeys: [],
    noNullPrototype: true,
  })
  .map((rates) => rates as Rates);

const anySteps = fc
  .uniqueArray(fc.nat({ max: 1_000_000 }), { maxLength: 3 })
  .chain((limits) =>
    fc
      .array(anyRates, { minLength: limits.length, maxLength: limits.length })
      .map((all) =>
        limits
          .toSorted((a, b) => a - b)
          .map((aboveInput, index) => ({ aboveInput, rates: all[index] ?? {} })),
      ),
  );

/** A price that may have any unit, steps and tiers. */
export const anyPrice: fc.Arbitrary<Price> = fc.record(
  {
    rates: anyRates,
    steps: anySteps,
    tiers: fc.record({ priority: anyRate, flex: anyRate }, { noNullPrototype: true }),
  },
  { requiredKeys: ['rates'], noNullPrototype: true },
);

const anyCount = fc.nat({ max: 10_000_000 });

/** A usage that may have any unit. */
export const anyUsage: fc.Arbitrary<Usage> = fc.record(
  {
    counts: fc.record(Object.fromEntries(UNITS.map((unit) => [unit, anyCount])), {
      requiredKeys: [],
      noNullPrototype: true,
    }),
    tier: fc.constantFrom('priority', 'flex', 'unheard-of'),
    answers: fc.integer({ min: 1, max: 128 }),
  },
  { requiredKeys: ['counts'], noNullPrototype: true },
);
