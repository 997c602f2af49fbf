/** What the page says a message costs, before it is sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Model } from '../../../web/src/api/types.ts';
import { bytesIn, highestOf } from '../../../web/src/state/price.ts';

const model = (price: Partial<Model['price']>, outputLimit = 100): Model => ({
  name: 'model',
  is_default: true,
  output_limit: outputLimit,
  context_limit: null,
  price: {
    per_message: 0,
    per_million_input: 0,
    per_million_cached_input: 0,
    per_million_output: 0,
    ...price,
  },
  fallbacks: [],
});

test('a price for each message is exact, whatever is said', () => {
  const flat = model({ per_message: 100 });
  assert.deepEqual(highestOf([flat], 5_000), { credits: 100, isExact: true });
  assert.deepEqual(highestOf([flat, flat], 5_000), { credits: 100, isExact: true });
});

test('a price by length is told as the most that it can be', () => {
  const bytes = bytesIn(['käse', '😀']);
  assert.equal(bytes, 5 + 1 + 4 + 1);
  const metered = model({ per_million_input: 1_000_000, per_million_output: 2_000_000 });
  assert.deepEqual(highestOf([metered], bytes), { credits: 11 + 200, isExact: false });
});

test('where a dearer model may stand in, its price is the most', () => {
  const standIn = model({ per_message: 250 });
  assert.deepEqual(highestOf([model({ per_message: 100 }), standIn], 0), {
    credits: 250,
    isExact: false,
  });
  assert.deepEqual(highestOf([standIn, model({ per_message: 100 })], 0).credits, 250);
});
