import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { divideUp, isCredits, MAX_CREDITS } from '../../src/core/credits.ts';
import {
  costOf,
  coversText,
  faultOfPrice,
  flatPrice,
  isFlat,
  type Price,
  perMillion,
  priceFromJson,
  type Rates,
  rateFrom,
  textPrice,
  unpricedIn,
} from '../../src/core/pricing.ts';
import { textUsage, UNKNOWN_USAGE, type Usage } from '../../src/core/usage.ts';
import { anyPrice, anyUsage } from '../support/prices.ts';

test('a flat price costs the same whatever was used', () => {
  const usage = textUsage({ input: 9, cachedInput: 2, output: 1_000_000 });
  assert.equal(costOf(flatPrice(100), usage), 100);
  assert.equal(costOf(flatPrice(100), UNKNOWN_USAGE), 100);
  assert.equal(unpricedIn(flatPrice(100), usage), undefined);
});

test('a price per message is per answer', () => {
  assert.equal(costOf(flatPrice(100), { ...UNKNOWN_USAGE, answers: 3 }), 300);
});

test('usage is priced by the million and rounded up once, at the end', () => {
  const perToken = textPrice({ perMillionInput: 1, perMillionOutput: 1 });
  assert.equal(costOf(perToken, textUsage({ input: 1, output: 1 })), 1);
  assert.equal(costOf(perToken, textUsage({ input: 600_000, output: 600_000 })), 2);
  assert.equal(costOf(perToken, textUsage({ input: 0, output: 0 })), 0);
});

test('a rate that is no whole number of credits is exact', () => {
  const third: Price = { rates: { input: [1, 3], output: [1, 7] } };
  assert.equal(costOf(third, textUsage({ input: 3, output: 7 })), 2);
  assert.equal(costOf(third, textUsage({ input: 4, output: 7 })), 3);
  assert.equal(costOf(third, textUsage({ input: 2, output: 2 })), 1);
});

test('cached input has its own rate, and is never more than the input', () => {
  const price = textPrice({ perMillionInput: 1_000_000, perMillionCachedInput: 100_000 });
  assert.equal(costOf(price, textUsage({ input: 100, cachedInput: 40, output: 0 })), 64);
  assert.equal(costOf(price, textUsage({ input: 100, cachedInput: 500, output: 0 })), 10);
});

describe('units without a rate of their own', () => {
  const price = textPrice({ perMillionInput: 1_000_000, perMillionOutput: 5_000_000 });
  const ROWS: [string, Usage, number][] = [
    ['cached input costs as much as other input', { counts: { cached_input: 100 } }, 100],
    ['a write to the cache costs 1.25 of input', { counts: { cache_write_5m: 100 } }, 125],
    ['a write for an hour costs 2 of input', { counts: { cache_write_1h: 100 } }, 200],
  ];
  for (const [name, usage, credits] of ROWS) {
    test(name, () => {
      assert.equal(costOf(price, usage), credits);
      assert.equal(unpricedIn(price, usage), undefined);
    });
  }

  test('anything else is named as without a price, and costs nothing', () => {
    const usage = { counts: { input: 5, search: 2, audio_output: 7 }, tier: 'priority' };
    assert.equal(costOf(price, usage), 5);
    const unpriced = { audio_output: 7, search: 2, 'tier:priority': 1 };
    assert.deepEqual(unpricedIn(price, usage), unpriced);
  });

  test('a rate of nothing is a rate', () => {
    const free: Price = { rates: { ...price.rates, search: [0, 1] } };
    assert.equal(unpricedIn(free, { counts: { search: 2 } }), undefined);
  });
});

test('what is measured in two ways is without a price only if neither has one', () => {
  const byImage: Price = { rates: { input: [1, 1], output: [1, 1], image: [9, 1] } };
  const byTokens: Price = { rates: { input: [1, 1], output: [1, 1], image_output: [1, 1] } };
  const counts = { input: 2, image: 1, image_output: 50 };
  assert.equal(costOf(byImage, { counts, tier: 'hd' }), 11);
  assert.deepEqual(unpricedIn(byImage, { counts, tier: 'hd' }), { 'tier:hd': 1 });
  assert.equal(costOf(byTokens, { counts, tier: 'hd' }), 52);
  assert.equal(unpricedIn(byTokens, { counts, tier: 'hd' }), undefined);
  assert.deepEqual(unpricedIn(byTokens, { counts: { input: 2, image: 1 } }), { image: 1 });
  // A service tier of a reply that has images, too, is another matter.
  const reply = { counts: { input: 2, image_output: 50 }, tier: 'priority' };
  assert.deepEqual(unpricedIn(byTokens, reply), { 'tier:priority': 1 });
});

test('text has a price where tokens or messages have one, be it free', () => {
  const covering: Rates[] = [{}, { message: [0, 1] }, { input: [0, 1] }, { audio_input: [1, 1] }];
  for (const rates of covering) assert.ok(coversText({ rates }), JSON.stringify(rates));
  const others: Rates[] = [{ image: [1, 1] }, { character: [1, 1], second: [0, 1] }];
  for (const rates of others) assert.ok(!coversText({ rates }), JSON.stringify(rates));
});

test('a step applies to the whole request, by all of its input', () => {
  const price: Price = {
    rates: { input: [1, 1], cached_input: [1, 2], output: [1, 1] },
    steps: [{ aboveInput: 200, rates: { input: [2, 1], output: [3, 1] } }],
  };
  const used = (input: number) => textUsage({ input, cachedInput: 100, output: 10 });
  assert.equal(costOf(price, used(200)), 100 + 50 + 10);
  assert.equal(costOf(price, used(201)), 2 * 101 + 50 + 30);
});

test('the factor of a tier applies to usage, not to the rate of a message', () => {
  const price: Price = {
    rates: { message: [10, 1], input: [1, 1], output: [1, 1] },
    tiers: { priority: [5, 2], flex: [1, 2] },
  };
  const used = textUsage({ input: 3, output: 2 });
  assert.equal(costOf(price, used), 15);
  assert.equal(costOf(price, { ...used, tier: 'priority' }), 23);
  assert.equal(costOf(price, { ...used, tier: 'flex' }), 13);
});

test('any cost can be booked', () => {
  fc.assert(
    fc.property(anyPrice, anyUsage, (price, usage) => assert.ok(isCredits(costOf(price, usage)))),
  );
});

test('a cost is the exact sum of its parts, rounded up', () => {
  fc.assert(
    fc.property(anyPrice, fc.nat({ max: 1_000_000 }), fc.nat({ max: 1_000_000 }), (any, i, o) => {
      const { message, input, output } = any.rates;
      const price = { rates: { message, input, output } } as Price;
      fc.pre(!isFlat(price) && message !== undefined && input !== undefined);
      const sum = (count: number, [credits, per] = [0, 1] as readonly [number, number]) =>
        (count * credits) / per;
      const about = sum(1, message) + sum(i, input) + sum(o, output);
      const cost = costOf(price, textUsage({ input: i, output: o }));
      const nearest = Math.min(about, MAX_CREDITS);
      assert.ok(Math.abs(cost - nearest) <= 1 + nearest * 1e-9, `${cost} for about ${about}`);
    }),
  );
});

test('a rate is kept in lowest terms, and refused if that is not exact', () => {
  assert.deepEqual(rateFrom(250_000n, 1_000_000n), [1, 4]);
  assert.deepEqual(rateFrom(0n, 1_000_000n), [0, 1]);
  assert.throws(() => rateFrom(10n ** 20n, 3n), RangeError);
  assert.equal(perMillion({ over: 1n, under: 3n }), 333_334);
  assert.equal(perMillion(undefined), 0);
});

test('prices of earlier versions are read as what they cost then', () => {
  const price = priceFromJson(
    '{"perMessage":7,"perMillionInput":1000000,"perMillionCachedInput":0,' +
      '"perMillionOutput":2000000}',
  );
  assert.equal(costOf(price, textUsage({ input: 10, cachedInput: 4, output: 5 })), 7 + 6 + 10);
  const flat = priceFromJson(
    '{"perMessage":7,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}',
  );
  assert.ok(isFlat(flat));
  assert.equal(unpricedIn(flat, textUsage({ input: 10, output: 5 })), undefined);
});

test('a price survives being stored', () => {
  fc.assert(
    fc.property(anyPrice, (price) => assert.deepEqual(priceFromJson(JSON.stringify(price)), price)),
  );
});

test('a price with a rate that is none is named by its unit', () => {
  assert.equal(faultOfPrice(flatPrice(0)), undefined);
  assert.equal(faultOfPrice(flatPrice(-1)), 'message');
  assert.equal(faultOfPrice({ rates: { output: [0.5, 1] } }), 'output');
  assert.equal(faultOfPrice({ rates: { input: [1, 0] } }), 'input');
  assert.equal(faultOfPrice({ rates: {}, tiers: { priority: [-1, 1] } }), 'priority');
  const steps = [{ aboveInput: 1, rates: { input: [-2, 1] as const } }];
  assert.equal(faultOfPrice({ rates: {}, steps }), 'input');
});

test('division rounds up and stops at the largest balance', () => {
  assert.equal(divideUp(0n, 10n), 0);
  assert.equal(divideUp(1n, 10n), 1);
  assert.equal(divideUp(10n, 10n), 1);
  assert.equal(divideUp(10n ** 30n, 1n), MAX_CREDITS);
});
