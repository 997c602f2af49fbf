import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { divideUp, isCredits, MAX_CREDITS } from '../../src/core/credits.ts';
import { costOf, faultOfPrice, flatPrice, type Price, quoteFor } from '../../src/core/pricing.ts';
import { UNKNOWN_USAGE } from '../../src/core/usage.ts';

const rate = fc.integer({ min: 0, max: 10_000_000_000 });
const price: fc.Arbitrary<Price> = fc.record({
  perMessage: rate,
  perMillionInput: rate,
  perMillionCachedInput: rate,
  perMillionOutput: rate,
});
const count = fc.integer({ min: 0, max: 10_000_000 });

test('a flat price costs the same whatever was used', () => {
  const usage = { inputTokens: 9, cachedInputTokens: 2, outputTokens: 1_000_000 };
  assert.equal(costOf(flatPrice(100), usage), 100);
  assert.equal(costOf(flatPrice(100), UNKNOWN_USAGE), 100);
});

test('usage is priced by the million and rounded up once, at the end', () => {
  const perToken = { ...flatPrice(0), perMillionInput: 1, perMillionOutput: 1 };
  assert.equal(costOf(perToken, { ...UNKNOWN_USAGE, inputTokens: 1, outputTokens: 1 }), 1);
  assert.equal(
    costOf(perToken, { ...UNKNOWN_USAGE, inputTokens: 600_000, outputTokens: 600_000 }),
    2,
  );
  assert.equal(costOf(perToken, { ...UNKNOWN_USAGE, inputTokens: 0, outputTokens: 0 }), 0);
});

test('cached input has its own rate, and is never more than the input', () => {
  const cheapCache = {
    ...flatPrice(0),
    perMillionInput: 1_000_000,
    perMillionCachedInput: 100_000,
  };
  const usage = { inputTokens: 100, cachedInputTokens: 40, outputTokens: 0 };
  assert.equal(costOf(cheapCache, usage), 64);
  assert.equal(costOf(cheapCache, { ...usage, cachedInputTokens: 500 }), 10);
});

test('no reply within its limits costs more than its quote', () => {
  fc.assert(
    fc.property(price, count, count, count, (prices, input, cached, output) => {
      const usage = { inputTokens: input, cachedInputTokens: cached, outputTokens: output };
      const cost = costOf(prices, usage);
      const quote = quoteFor(prices, { inputTokens: input, outputTokens: output });
      assert.ok(isCredits(cost));
      assert.ok(cost <= quote, `${cost} > ${quote}`);
    }),
  );
});

test('a price that is negative, broken or missing is named by its part', () => {
  assert.equal(faultOfPrice(flatPrice(0)), undefined);
  assert.equal(faultOfPrice(flatPrice(-1)), 'perMessage');
  assert.equal(faultOfPrice({ ...flatPrice(1), perMillionOutput: 0.5 }), 'perMillionOutput');
  assert.equal(faultOfPrice({ perMessage: 1 } as Price), 'perMillionInput');
});

test('division rounds up and stops at the largest balance', () => {
  assert.equal(divideUp(0n, 10n), 0);
  assert.equal(divideUp(1n, 10n), 1);
  assert.equal(divideUp(10n, 10n), 1);
  assert.equal(divideUp(10n ** 30n, 1n), MAX_CREDITS);
});
