/** What is charged, beside what providers take, now and later. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparePrices } from '../../../src/app/operations/compare-prices.ts';
import { readDeployment } from '../../../src/models/deployment-file/read-deployment.ts';
import * as prices from '../../../src/models/prices/price-catalogue.ts';
import type { PriceCatalogue } from '../../../src/models/prices/read-price.ts';

const real: PriceCatalogue = { find: prices.findInCatalogue, nearest: prices.nearestInCatalogue };
const DAY = Date.parse('2026-11-28T12:00:00Z');
const NEXT_YEAR = Date.parse('2027-01-01T00:00:00Z');

const dollarsPerMillion = (dollars: bigint) => ({ over: dollars, under: 1_000_000n });
const cheap = { rates: { input: dollarsPerMillion(1n), output: dollarsPerMillion(2n) }, steps: [] };
const dear = { rates: { input: dollarsPerMillion(3n), output: dollarsPerMillion(2n) }, steps: [] };
/** It knows every model, whose input will be dearer. */
const changing: PriceCatalogue = {
  find: () => ({
    contextTokens: undefined,
    unknownRates: [],
    prices: [cheap, dear],
    priceAt: (atMs) => (atMs < NEXT_YEAR ? cheap : dear),
    changesAfter: (atMs) => (atMs < NEXT_YEAR ? [{ atMs: NEXT_YEAR, price: dear }] : []),
  }),
  nearest: () => undefined,
};

function compared(model: string, { catalogue = changing, nowMs = DAY, worth = true } = {}) {
  const text = `{${worth ? '"tokenIsWorth":"0.00001 USD",' : ''}
    "providers":{"p":{"wire":"openai","baseUrl":"https://api.deepseek.com"}},
    "models":[{"name":"m","provider":"p",${model}}]}`;
  const deployment = readDeployment(text, { file: 'chit.json', environment: {}, catalogue });
  const [found] = comparePrices(deployment, { catalogue, nowMs });
  return found ?? assert.fail();
}

function rateOf(of: ReturnType<typeof compared>, unit: string, aboveInput?: number) {
  const rate = of.rates.find((it) => it.unit === unit && it.aboveInput === aboveInput);
  return rate ?? assert.fail(`There is no ${unit}.`);
}

test('a price by the catalogue keeps its margin when the provider changes its own', () => {
  const model = compared('"price":{"catalogue":true,"factor":1.25}');
  assert.deepEqual(rateOf(model, 'input'), {
    unit: 'input',
    per: 1_000_000,
    aboveInput: undefined,
    charged: 125_000,
    provider: 100_000,
    providerDollars: 1,
    margin: 0.2,
    isBelowProvider: false,
    catalogueDollars: undefined,
    coming: [{ atMs: NEXT_YEAR, dollars: 3, isCovered: true }],
  });
  assert.deepEqual(rateOf(model, 'output').coming, []);
});

test('a written price that does not cover the provider, now or later, is told', () => {
  const written = '"price":{"perMillionInput":200000,"perMillionOutput":"1.5 USD"}';
  const now = compared(written);
  assert.equal(rateOf(now, 'input').isBelowProvider, false);
  assert.deepEqual(
    rateOf(now, 'input').coming.map(({ isCovered }) => isCovered),
    [false],
  );
  assert.equal(rateOf(now, 'output').isBelowProvider, true);
  assert.equal(rateOf(now, 'output').margin, -0.3333);
  const later = compared(written, { nowMs: NEXT_YEAR });
  assert.equal(rateOf(later, 'input').isBelowProvider, true);
});

test('a written price of the provider that is not the one of the catalogue is told', () => {
  const model = compared(
    '"price":{"perMillionInput":1000000,"perMillionOutput":1000000},' +
      '"providerPrice":{"perMillionInput":"0.9 USD","perMillionOutput":"2 USD"}',
  );
  const { provider, providerDollars, catalogueDollars } = rateOf(model, 'input');
  assert.deepEqual([provider, providerDollars, catalogueDollars], [90_000, 0.9, 1]);
  assert.equal(rateOf(model, 'output').catalogueDollars, undefined);
});

test('a price per message is for everything, so that no unit is below its provider', () => {
  const model = compared('"price":{"perMessage":10}');
  assert.equal(rateOf(model, 'message').charged, 10);
  assert.equal(rateOf(model, 'input').isBelowProvider, false);
  assert.equal(rateOf(model, 'input').coming[0]?.isCovered, true);
});

test('without a worth of a token there are dollars, and nothing to compare', () => {
  const model = compared('"price":{"perMillionInput":1,"perMillionOutput":1}', { worth: false });
  const { provider, providerDollars, isBelowProvider } = rateOf(model, 'input');
  assert.deepEqual([provider, providerDollars, isBelowProvider], [undefined, 1, false]);
});

test('steps and tiers are shown', () => {
  const model = compared(
    '"price":{"perMillionInput":200000,"perMillionOutput":200000,"tiers":{"priority":2.5},' +
      '"above":[{"inputTokens":1000,"perMillionInput":400000}]}',
  );
  assert.deepEqual(model.tiers, { priority: 2.5 });
  assert.equal(rateOf(model, 'input', 1_000).charged, 400_000);
  assert.equal(model.rates.filter(({ aboveInput }) => aboveInput === 1_000).length, 1);
});

test('the hours of the catalogue are told for the day that follows', () => {
  const options = { catalogue: real, nowMs: Date.parse('2025-03-01T12:00:00Z') };
  const { coming } = rateOf(
    compared('"upstream":"deepseek-chat","price":"catalogue"', options),
    'input',
  );
  assert.deepEqual(
    coming.map(({ atMs, dollars }) => [new Date(atMs).toISOString(), dollars]),
    [
      ['2025-03-01T16:30:00.000Z', 0.135],
      ['2025-03-02T00:30:00.000Z', 0.27],
    ],
  );
});
