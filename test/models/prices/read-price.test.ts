/** Prices of `chit.json` in credits, in dollars and from the catalogue. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { costOf, type Price, perMillion, rateOf } from '../../../src/core/pricing.ts';
import { UNITS, type Unit } from '../../../src/core/units.ts';
import { DeploymentError } from '../../../src/models/deployment-file/deployment-error.ts';
import { readDeployment } from '../../../src/models/deployment-file/read-deployment.ts';
import * as prices from '../../../src/models/prices/price-catalogue.ts';

const catalogue = { find: prices.findInCatalogue, nearest: prices.nearestInCatalogue };

function read(price: string, options: { upstream?: string; worth?: string; url?: string } = {}) {
  const {
    upstream = 'gpt-5-mini',
    worth = '"0.00001 USD"',
    url = 'https://api.openai.com/v1',
  } = options;
  const text = `{"tokenIsWorth":${worth},
"providers":{"p":{"wire":"openai","baseUrl":"${url}"}},
"models":[{"name":"m","provider":"p","upstream":"${upstream}","price":${price}}]}`;
  return readDeployment(text, { file: 'chit.json', environment: {}, catalogue }).models[0];
}

function perMillionOf(price: Price | undefined, unit: Unit): number {
  return perMillion(price && rateOf(price, unit, 0));
}

function faultOf(price: string, options?: Parameters<typeof read>[1]): string {
  try {
    read(price, options);
  } catch (error) {
    assert.ok(error instanceof DeploymentError);
    return error.message;
  }
  return assert.fail('It was accepted.');
}

test('dollars are turned into credits exactly, by what a credit is worth', () => {
  const model = read('{"perMillionInput":"0.25 USD","perMillionOutput":"2 USD"}');
  assert.deepEqual(model?.price, { rates: { input: [1, 40], output: [1, 5] } });
  assert.equal(perMillionOf(model?.price, 'input'), 25_000);
});

test('a factor multiplies dollars, and not credits', () => {
  const model = read(
    '{"factor":1.2,"perMillionInput":"0.25 USD","perMillionOutput":1000,"perSearch":"0.01 USD"}',
  );
  assert.equal(perMillionOf(model?.price, 'input'), 30_000);
  assert.equal(perMillionOf(model?.price, 'output'), 1_000);
  assert.deepEqual(model?.price.rates.search, [1_200, 1]);
});

test('a worth that does not divide the price evenly is still exact', () => {
  const price = read('{"perMillionInput":"1 USD","perMillionOutput":"1 USD"}', {
    worth: '"0.000003 USD"',
  })?.price as Price;
  assert.deepEqual(price.rates.input, [1, 3]);
  assert.equal(costOf(price, { counts: { input: 3_000_000 } }), 1_000_000);
});

test('the catalogue knows what a provider takes, and how much a model reads', () => {
  const model = read('"catalogue"');
  assert.equal(perMillionOf(model?.price, 'input'), 25_000);
  assert.equal(perMillionOf(model?.price, 'cached_input'), 2_500);
  assert.equal(perMillionOf(model?.price, 'output'), 200_000);
  assert.equal(model?.contextTokens, 400_000);
  const dearer = read('{"catalogue":true,"factor":1.5,"perSearch":"free"}');
  assert.equal(perMillionOf(dearer?.price, 'input'), 37_500);
  assert.deepEqual(dearer?.price.rates.search, [0, 1]);
});

test('the catalogue knows writes to a cache and steps by the size of the input', () => {
  const price = read('"catalogue"', {
    upstream: 'claude-sonnet-4-5',
    url: 'https://api.anthropic.com/v1',
  })?.price as Price;
  const perMillionWith = (unit: Unit, input: number) => perMillion(rateOf(price, unit, input));
  assert.equal(perMillionWith('input', 200_000), 300_000);
  assert.equal(perMillionWith('input', 200_001), 600_000);
  assert.equal(perMillionWith('cache_write_5m', 0), 375_000);
  assert.equal(perMillionWith('cache_write_1h', 0), 600_000);
});

test('a price that depends on the hour is that of the moment, and the same object again', () => {
  const model = read('{"catalogue":"deepseek-chat"}', { url: 'https://api.deepseek.com/v1' });
  const at = (time: string) => model?.priceAt?.(Date.parse(time)) ?? assert.fail('It is constant.');
  const day = at('2025-03-01T12:00:00Z');
  const night = at('2025-03-01T20:00:00Z');
  assert.ok(perMillionOf(night, 'input') < perMillionOf(day, 'input'));
  assert.equal(at('2025-03-02T20:00:00Z'), night);
});

test('a model that writes nothing needs no price for output', () => {
  const embedding = read('"catalogue"', { upstream: 'text-embedding-3-small' })?.price;
  assert.deepEqual(embedding?.rates, { input: [1, 500], output: [0, 1] });
  const others = { upstream: 'voyage-3.5', url: 'https://api.voyageai.com/v1' };
  assert.deepEqual(read('"catalogue"', others)?.price.rates.output, [0, 1]);
  const google = 'https://generativelanguage.googleapis.com/v1beta/openai';
  const gemini = read('"catalogue"', { upstream: 'gemini-embedding-2', url: google })?.price;
  assert.deepEqual(gemini?.rates.output, [0, 1]);
  const moderation = read('"catalogue"', { upstream: 'omni-moderation-latest' })?.price as Price;
  assert.equal(costOf(moderation, { counts: { input: 1_000 } }), 0);
});

test('a transcription costs what the catalogue has for an hour, second by second', () => {
  const price = read('"catalogue"', { upstream: 'whisper-1' })?.price as Price;
  assert.deepEqual(price.rates, { second: [10, 1] });
  assert.equal(costOf(price, { counts: { second: 60 } }), 600);
});

test('every unit can have a rate, but calls of tools, whose prices stand with the tools', () => {
  const units = UNITS.filter((unit) => unit !== 'tool_call');
  const rates = units.map((unit) => {
    const name = unit.replace(/(^|_)(.)/g, (_all, _start, letter: string) => letter.toUpperCase());
    const isOne = ['image', 'search', 'rerank', 'second'].includes(unit);
    const plural = unit === 'character' ? 's' : '';
    return `"${isOne ? 'per' : 'perMillion'}${name}${plural}":7`;
  });
  const { price } = read(`{${rates.join(',')}}`) ?? assert.fail();
  for (const unit of units) assert.ok(price.rates[unit], unit);
});

test('steps and tiers', () => {
  const { price } =
    read(`{"perMillionInput":1000000,"perMillionOutput":1000000,"tiers":{"priority":2.5},
      "above":[{"inputTokens":100,"perMillionInput":2000000}]}`) ?? assert.fail();
  assert.equal(costOf(price, { counts: { input: 101, output: 1 }, tier: 'priority' }), 508);
});

test('what the provider takes is known without being written', () => {
  const input = (price: string, options?: Parameters<typeof read>[1]) => {
    return perMillionOf(read(price, options)?.providerPrice, 'input');
  };
  assert.equal(input('{"catalogue":true,"factor":2}'), 25_000);
  assert.equal(input('{"catalogue":"gpt-5","factor":2}', { upstream: 'ours' }), 125_000);
  assert.equal(input('{"perMessage":7}'), 25_000);
  assert.equal(read('{"perMessage":7}', { upstream: 'ours' })?.providerPrice, undefined);
  const unknown = { url: 'http://127.0.0.1:1/v1' };
  assert.equal(read('{"perMessage":7}', unknown)?.providerPrice, undefined);
});

test('whose prices a proxy has, its kind tells', () => {
  const text = `{"tokenIsWorth":"0.00001 USD",
    "providers":{"p":{"wire":"openai","kind":"openai","baseUrl":"http://10.0.0.1/v1"}},
    "models":[{"name":"gpt-5-mini","provider":"p","price":"catalogue"}]}`;
  const [model] = readDeployment(text, { file: 'chit.json', environment: {}, catalogue }).models;
  assert.equal(perMillionOf(model?.price, 'input'), 25_000);
});

test('what the provider takes changes by the hour too', () => {
  const model = read('{"perMessage":7}', {
    url: 'https://api.deepseek.com',
    upstream: 'deepseek-chat',
  });
  const at = (time: string) => perMillionOf(model?.providerPriceAt?.(Date.parse(time)), 'input');
  assert.equal(at('2025-03-01T12:00:00Z'), 27_000);
  assert.equal(at('2025-03-01T20:00:00Z'), 13_500);
});

test('a price that will be too precise stops the start, and not a request of that day', () => {
  const options = { url: 'https://api.deepseek.com', upstream: 'deepseek-chat' };
  const worth = '"0.0000000000003 USD"';
  assert.doesNotThrow(() => read('"catalogue"', { ...options, worth }));
  const find: typeof catalogue.find = (query) => {
    const found = prices.findInCatalogue(query);
    const precise = { rates: { input: { over: 1n, under: 2n ** 60n + 1n } }, steps: [] };
    return found && { ...found, prices: [...found.prices, precise] };
  };
  const text = `{"tokenIsWorth":"1 USD","providers":{"p":{"wire":"openai","baseUrl":
    "https://api.deepseek.com"}},"models":[{"name":"deepseek-chat","provider":"p",
    "price":"catalogue"}]}`;
  assert.throws(
    () =>
      readDeployment(text, {
        file: 'chit.json',
        environment: {},
        catalogue: { ...catalogue, find },
      }),
    /price\.catalogue: it has too many digits/,
  );
});

for (const [name, price, options, fault] of [
  [
    'dollars without a worth',
    '{"perMessage":"1 USD"}',
    { worth: '"1 EUR"' },
    /tokenIsWorth: it must be an amount of dollars/,
  ],
  [
    'a worth of nothing',
    '{"perMessage":"1 USD"}',
    { worth: '"0.00 USD"' },
    /tokenIsWorth: it must be/,
  ],
  [
    'one part of two',
    '{"perMillionOutput":5}',
    {},
    /^chit\.json:3:\d+: models\[0\]\.price: "perMillionInput" is missing\. Give .* or "free"/,
  ],
  [
    'a word for an amount',
    '{"perMessage":"cheap"}',
    {},
    /price\.perMessage: it must be a whole number of tokens of the balance, dollars such as/,
  ],
  [
    'a member that is none',
    '{"perMilionInput":5}',
    {},
    /there is no such member\. Did you mean "perMillionInput"\?/,
  ],
  [
    'a model that the catalogue does not know',
    '"catalogue"',
    { upstream: 'gpt-5-minni' },
    /catalogue has no price of "gpt-5-minni"\. Did you mean \{ "catalogue": "gpt-5-mini" \}\?/,
  ],
  [
    'a model that is like none that it knows',
    '"catalogue"',
    { upstream: 'llama3.2' },
    /has no price of "llama3\.2"\. Write the price itself\./,
  ],
  [
    'a provider that it does not know',
    '"catalogue"',
    { url: 'http://127.0.0.1:1/v1' },
    /has no price of "gpt-5-mini"\. Write the price itself\./,
  ],
  [
    'a model that it prices by what is not counted here',
    '"catalogue"',
    { upstream: 'mistral-ocr-2503', url: 'https://api.mistral.ai/v1' },
    /prices "mistral-ocr-2503" by what is not counted here \(input_document_kpages\)\. Write/,
  ],
  [
    'steps out of order',
    '{"perMessage":1,"above":[{"inputTokens":5},{"inputTokens":5}]}',
    {},
    /ascending order/,
  ],
  [
    'too many digits',
    '{"perMillionInput":"0.123456789012345 USD","perMillionOutput":1}',
    { worth: '"0.000987654321012 USD"' },
    /price\.perMillionInput: it has too many digits/,
  ],
] as const) {
  test(`refused with its place: ${name}`, () => assert.match(faultOf(price, options), fault));
}

test('dollars in a file that does not say what a token is worth are refused', () => {
  const text = '{"models":[{"name":"m","provider":"demo","price":{"perMessage":"1 USD"}}]}';
  assert.throws(
    () => readDeployment(text, { file: 'chit.json', environment: {} }),
    /price\.perMessage: it is in dollars, so the file has to say what a token/,
  );
});
