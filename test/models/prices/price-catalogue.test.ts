/** What the catalogue says of models that make images. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findInCatalogue } from '../../../src/models/prices/price-catalogue.ts';

const baseUrl = 'https://api.openai.com/v1';

/** In dollars per million tokens, or undefined. */
function perMillion(model: string, unit: 'output' | 'image_output' | 'image_input') {
  const rate = findInCatalogue({ baseUrl, model })?.priceAt(Date.UTC(2026, 6)).rates[unit];
  return rate && Number((rate.over * 1_000_000n) / rate.under);
}

test('the only output of an image model is images, whatever the data calls it', () => {
  for (const model of ['gpt-image-1', 'gpt-image-1-mini', 'gpt-image-2']) {
    const output = perMillion(model, 'output');
    assert.ok(output !== undefined && output > 0, model);
    assert.equal(perMillion(model, 'image_output'), output, model);
    assert.ok(perMillion(model, 'image_input'), model);
  }
});

test('where both have a price, and where text is written too, nothing is assumed', () => {
  assert.equal(perMillion('gpt-image-1.5', 'output'), 10);
  assert.equal(perMillion('gpt-image-1.5', 'image_output'), 32);
  assert.equal(perMillion('gpt-5-image', 'image_output'), undefined);
});
