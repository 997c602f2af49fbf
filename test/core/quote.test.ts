import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_CREDITS } from '../../src/core/credits.ts';
import { costOf, flatPrice, type Price, textPrice } from '../../src/core/pricing.ts';
import { affordableOutput, type QuoteRequest, quoteRange } from '../../src/core/quote.ts';
import { INPUT_UNITS, OUTPUT_UNITS, type Unit } from '../../src/core/units.ts';
import type { Counts } from '../../src/core/usage.ts';
import { anyPrice } from '../support/prices.ts';

const tokens = fc.nat({ max: 1_500_000 });
const UNUSUAL: readonly Unit[] = [...INPUT_UNITS, ...OUTPUT_UNITS].filter(
  (unit) => !['input', 'cached_input', 'output'].includes(unit),
);
const anyRequest: fc.Arbitrary<QuoteRequest> = fc.record({
  inputTokens: tokens,
  outputLimit: tokens,
  usefulOutput: tokens,
  answers: fc.integer({ min: 1, max: 10 }),
  units: fc.subarray([...UNUSUAL]).map((units) => new Set(units)),
  others: fc.record({ search: fc.nat({ max: 20 }) }, { noNullPrototype: true }),
  tiers: fc.subarray(['priority', 'flex']),
});

test('the least of a quote never exceeds the most', () => {
  fc.assert(
    fc.property(anyPrice, anyRequest, (price, request) => {
      const { leastCredits, mostCredits } = quoteRange(price, request);
      assert.ok(0 <= leastCredits && leastCredits <= mostCredits && mostCredits <= MAX_CREDITS);
    }),
  );
});

/** Shares a number of tokens among units. */
function shared(total: number, units: readonly Unit[], shares: readonly number[]): Counts {
  let left = total;
  const counts: Partial<Record<Unit, number>> = {};
  for (const [index, unit] of units.entries()) {
    const share = Math.min(left, Math.floor(((shares[index] ?? 0) * total) / 100));
    counts[unit] = share;
    left -= share;
  }
  return counts;
}

test('no usage within the limits of a request costs more than the most of its quote', () => {
  const shares = fc.array(fc.nat({ max: 100 }), { minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(anyPrice, anyRequest, shares, shares, tokens, (price, request, ins, outs, less) => {
      const { units = new Set<Unit>(), others, answers, tiers = [] } = request;
      const inputs = INPUT_UNITS.filter((it) => it.endsWith('input') && it.length < 13);
      const usable = (all: readonly Unit[], always: readonly Unit[]) =>
        all.filter((it) => always.includes(it) || units.has(it));
      const input = Math.max(0, request.inputTokens - less);
      const counts = {
        ...shared(input, usable(INPUT_UNITS, inputs.slice(0, 2)), ins),
        ...shared(request.outputLimit, usable(OUTPUT_UNITS, ['output']), outs),
        ...others,
      };
      const { mostCredits } = quoteRange(price, request);
      for (const tier of [undefined, ...tiers]) {
        assert.ok(costOf(price, { counts, answers, tier }) <= mostCredits);
      }
    }),
    { numRuns: 300 },
  );
});

test('affordable output never costs more than the hold, and one token more would', () => {
  fc.assert(
    fc.property(anyPrice, anyRequest, fc.nat({ max: 1_000 }), (price, request, permille) => {
      const { leastCredits, mostCredits } = quoteRange(price, { ...request, usefulOutput: 0 });
      fc.pre(mostCredits < MAX_CREDITS);
      const held = leastCredits + Math.floor(((mostCredits - leastCredits) * permille) / 1_000);
      const output = affordableOutput(price, request, held);
      assert.ok(output !== undefined && 0 <= output && output <= request.outputLimit);
      const costs = (outputLimit: number) =>
        quoteRange(price, { ...request, outputLimit }).mostCredits;
      assert.ok(costs(output) <= held);
      if (output < request.outputLimit) assert.ok(costs(output + 1) > held);
    }),
  );
});

test('a hold of the most of a quote pays for the whole output limit', () => {
  fc.assert(
    fc.property(anyPrice, anyRequest, (price, request) => {
      const { mostCredits } = quoteRange(price, request);
      fc.pre(mostCredits < MAX_CREDITS);
      assert.equal(affordableOutput(price, request, mostCredits), request.outputLimit);
    }),
  );
});

test('a hold that does not pay for the input, or for the message, affords nothing', () => {
  const price = textPrice({
    perMessage: 10,
    perMillionInput: 1_000_000,
    perMillionOutput: 1_000_000,
  });
  const request = { inputTokens: 100, outputLimit: 50, usefulOutput: 16 };
  assert.equal(affordableOutput(price, request, 0), undefined);
  assert.equal(affordableOutput(price, request, 109), undefined);
  assert.equal(affordableOutput(price, request, 110), 0);
  assert.equal(affordableOutput(price, request, 117), 7);
  // A fall-back of 1,000 a message must not answer for a hold of 10.
  assert.equal(affordableOutput(flatPrice(1_000), request, 10), undefined);
  assert.equal(affordableOutput(flatPrice(10), request, 10), 50);
});

test('the dearest tier is held for, and that of a region on top of it', () => {
  const price: Price = {
    rates: { input: [1, 1], output: [2, 1] },
    tiers: { flex: [1, 2], priority: [3, 1], us: [11, 10] },
  };
  const request = { inputTokens: 100, outputLimit: 50, usefulOutput: 50 };
  const counts = { input: 100, output: 50 };
  const mostOf = (more: object) => quoteRange(price, { ...request, ...more }).mostCredits;
  assert.equal(mostOf({}), costOf(price, { counts }));
  assert.equal(mostOf({ tiers: ['flex', 'unknown'] }), costOf(price, { counts }));
  const tiers = ['flex', 'priority'];
  assert.equal(mostOf({ tiers }), costOf(price, { counts, tier: 'priority' }));
  assert.equal(mostOf({ tiers, regions: ['us'] }), costOf(price, { counts, tier: 'priority/us' }));
  assert.equal(mostOf({ tiers, regions: ['us'] }), 660);
});

test('a step that much input may reach is held for', () => {
  const price: Price = {
    rates: { input: [1, 1], output: [1, 1] },
    steps: [{ aboveInput: 100, rates: { input: [2, 1] } }],
  };
  const most = (inputTokens: number) =>
    quoteRange(price, { inputTokens, outputLimit: 0, usefulOutput: 0 }).mostCredits;
  assert.equal(most(100), 100);
  assert.equal(most(101), 202);
});

test('a request for less output than is useful is quoted for what it asks', () => {
  const price = textPrice({ perMillionInput: 0, perMillionOutput: 1_000_000 });
  const request = { inputTokens: 0, outputLimit: 5, usefulOutput: 16 };
  assert.deepEqual(quoteRange(price, request), { mostCredits: 5, leastCredits: 5 });
});
