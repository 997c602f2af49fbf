/** What the page says a message costs, before it is sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_CREDITS } from '../../../src/core/credits.ts';
import { creditsFor, dearestRate, type PricedUnit, perMillion } from '../../../src/core/pricing.ts';
import { quoteRange } from '../../../src/core/quote.ts';
import { measureTexts } from '../../../src/models/input-measure/measure-texts.ts';
import { addedTokens } from '../../../src/models/input-measure/text-tokens.ts';
import type { Model } from '../../../web/src/api/types.ts';
import { bytesIn, estimateOf, highestOf, usualCostOf } from '../../../web/src/state/price.ts';
import { anyPrice } from '../../support/prices.ts';

const KINDS = ['openai', 'anthropic', 'ollama', undefined] as const;

const model = (price: Partial<Model['price']>, outputLimit = 100): Model => ({
  name: 'model',
  is_default: true,
  output_limit: outputLimit,
  added_input: 0,
  context_limit: null,
  price: {
    per_message: 0,
    per_million_input: 0,
    per_million_cached_input: 0,
    per_million_output: 0,
    ...price,
  },
  description: null,
  thinks: false,
  effort: [],
  temperature: false,
  tools: false,
  typical_cost: { tokens: 0, from: 'estimate' },
  is_failing: false,
  fallbacks: [],
});

test('a price for each message is exact, whatever is said', () => {
  const flat = model({ per_message: 100 });
  assert.deepEqual(
    highestOf([flat], () => 5_000),
    { credits: 100, isExact: true },
  );
  assert.deepEqual(
    highestOf([flat, flat], () => 5_000),
    { credits: 100, isExact: true },
  );
});

test('a price by length is told as the most that it can be', () => {
  const bytes = bytesIn(['käse', '😀']);
  // What is added to each message is paid for as well.
  assert.equal(bytes, 5 + 8 + 4 + 8);
  const metered = model({ per_million_input: 1_000_000, per_million_output: 2_000_000 });
  assert.deepEqual(
    highestOf([metered], () => bytes),
    { credits: 25 + 200, isExact: false },
  );
});

test('effort raises the most that a message costs, as it raises what is held', () => {
  const plain = model({ per_million_output: 1_000_000 });
  const metered = { ...plain, effort: [{ level: 'high', output_limit: 900 }] } as Model;
  assert.equal(estimateOf(metered, 0).credits, 100);
  assert.equal(estimateOf(metered, 0, 'high').credits, 900);
  assert.equal(estimateOf(metered, 0, 'low').credits, 100);
});

test('what is usual is what messages have cost, and at least what is read now', () => {
  const metered = model({ per_message: 2, per_million_input: 1_000_000 });
  assert.equal(usualCostOf({ ...metered, typical_cost: { tokens: 9, from: 'you' } }, 8), 9);
  assert.equal(usualCostOf({ ...metered, typical_cost: { tokens: 9, from: 'you' } }, 400), 102);
});

test('where a dearer model may stand in, its price is the most', () => {
  const standIn = model({ per_message: 250 });
  assert.deepEqual(
    highestOf([model({ per_message: 100 }), standIn], () => 0),
    {
      credits: 250,
      isExact: false,
    },
  );
  assert.deepEqual(highestOf([standIn, model({ per_message: 100 })], () => 0).credits, 250);
});

test('it is never less than what the server holds, whatever the model adds and costs', () => {
  const texts = ['Be brief.', 'Käse?', '😀', 'one\n'.repeat(50)];
  fc.assert(
    fc.property(anyPrice, fc.constantFrom(...KINDS), fc.nat(3), (price, kind, many) => {
      const measured = { kind, upstreamModel: 'x', contextTokens: undefined };
      const some = texts.slice(0, many + 1);
      const outputLimit = 1_000;
      const inputTokens = measureTexts(some).mostTokens(measured) ?? assert.fail();
      const request = { inputTokens, outputLimit, usefulOutput: 16 };
      const dearest = (unit: PricedUnit) => dearestRate(price, [unit], Infinity);
      const shown = {
        ...model({
          per_message: creditsFor(dearest('message')),
          per_million_input: perMillion(dearest('input')),
          per_million_cached_input: perMillion(dearest('cached_input')),
          per_million_output: perMillion(dearest('output')),
        }),
        output_limit: outputLimit,
        added_input: addedTokens(measured, { count: 0, ofProvider: 0 }),
      };
      // A rate that no balance could pay is shown as the highest.
      if (Object.values(shown.price).some((it) => it >= MAX_CREDITS)) return;
      const { credits } = highestOf([shown], () => bytesIn(some));
      const held = quoteRange(price, request).mostCredits;
      assert.ok(credits >= held, `${credits} are said and ${held} held`);
    }),
  );
});
