import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_CREDITS } from '../../src/core/credits.ts';
import { costOf, flatPrice, type Price } from '../../src/core/pricing.ts';
import { affordableOutput, quoteRange } from '../../src/core/quote.ts';

const rate = fc.integer({ min: 0, max: 1_000_000_000 });
const anyPrice: fc.Arbitrary<Price> = fc.record({
  perMessage: rate,
  perMillionInput: rate,
  perMillionCachedInput: rate,
  perMillionOutput: rate,
});
const tokens = fc.integer({ min: 0, max: 10_000_000 });
const anyRequest = fc.record({ inputTokens: tokens, outputLimit: tokens, usefulOutput: tokens });

test('the least of a quote never exceeds the most', () => {
  fc.assert(
    fc.property(anyPrice, anyRequest, (price, request) => {
      const { leastCredits, mostCredits } = quoteRange(price, request);
      assert.ok(0 <= leastCredits && leastCredits <= mostCredits && mostCredits <= MAX_CREDITS);
    }),
  );
});

test('no usage within the limits costs more than the most of a quote', () => {
  fc.assert(
    fc.property(anyPrice, anyRequest, tokens, tokens, (price, request, cached, output) => {
      const usage = {
        inputTokens: request.inputTokens,
        cachedInputTokens: cached,
        outputTokens: Math.min(output, request.outputLimit),
      };
      assert.ok(costOf(price, usage) <= quoteRange(price, request).mostCredits);
    }),
  );
});

test('affordable output never costs more than the hold, and one token more would', () => {
  fc.assert(
    fc.property(anyPrice, anyRequest, fc.nat({ max: 1_000 }), (price, request, permille) => {
      const { leastCredits, mostCredits } = quoteRange(price, { ...request, usefulOutput: 0 });
      const held = leastCredits + Math.floor(((mostCredits - leastCredits) * permille) / 1_000);
      const outputTokens = affordableOutput(price, request, held);
      assert.ok(0 <= outputTokens && outputTokens <= request.outputLimit);
      const dearestInput = Math.max(price.perMillionInput, price.perMillionCachedInput);
      const worst = { ...price, perMillionInput: dearestInput };
      const cost = (output: number) =>
        costOf(worst, {
          inputTokens: request.inputTokens,
          cachedInputTokens: 0,
          outputTokens: output,
        });
      assert.ok(cost(outputTokens) <= held);
      if (outputTokens < request.outputLimit) assert.ok(cost(outputTokens + 1) > held);
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

test('a hold that does not even pay for the input affords no output', () => {
  const price = { ...flatPrice(10), perMillionInput: 1_000_000, perMillionOutput: 1_000_000 };
  const request = { inputTokens: 100, outputLimit: 50, usefulOutput: 16 };
  assert.equal(affordableOutput(price, request, 0), 0);
  assert.equal(affordableOutput(price, request, 110), 0);
  assert.equal(affordableOutput(price, request, 117), 7);
});

test('a request for less output than is useful is quoted for what it asks', () => {
  const price = { ...flatPrice(0), perMillionOutput: 1_000_000 };
  const request = { inputTokens: 0, outputLimit: 5, usefulOutput: 16 };
  assert.deepEqual(quoteRange(price, request), { mostCredits: 5, leastCredits: 5 });
});
