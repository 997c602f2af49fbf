/**
 * As `true-cost.test.ts`, for what is no text: whatever the request and whatever the provider does,
 * charge and shortfall together are what it bills, and the shortfall is 0 unless it used more than
 * the request let it.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { ChitError } from '../../../src/core/errors.ts';
import { type Price, type Rate, rateFrom } from '../../../src/core/pricing.ts';
import { keptForm } from '../../../src/http/framework/kept-form.ts';
import { IMAGE_EDITS, IMAGES } from '../../../src/models/provider-apis/images.ts';
import { MODERATIONS } from '../../../src/models/provider-apis/moderations.ts';
import type { ProviderApi } from '../../../src/models/provider-apis/provider-api.ts';
import { RERANK } from '../../../src/models/provider-apis/rerank.ts';
import { SPEECH } from '../../../src/models/provider-apis/speech.ts';
import { TRANSCRIPTIONS, TRANSLATIONS } from '../../../src/models/provider-apis/transcriptions.ts';
import { RequestBody } from '../../../src/models/request-body/request-body.ts';
import { type BookedChit, firstHold, openBookedChit } from '../../support/booked-chit.ts';
import { faultsOf } from '../../support/chit.ts';
import { wave } from '../../support/providers/media.ts';
import { type MediaScript, scriptMedia } from '../../support/truthful-media.ts';
import { dueFor, type Truth } from '../../support/truthful-provider.ts';
import { modelAt, providerAt, TOKEN_PRICE } from '../../support/upstream.ts';

const RUNS = 400;
const RICH = 1_000_000_000_000;

const rate: fc.Arbitrary<Rate> = fc
  .tuple(fc.nat({ max: 3_000 }), fc.constantFrom(1, 7, 1_000, 1_000_000))
  .map(([credits, per]) => rateFrom(BigInt(credits), BigInt(per)));

/** Prices that have all of these rates, and perhaps one for each answer. */
function pricesBy(...units: readonly string[]): fc.Arbitrary<Price> {
  const rates = Object.fromEntries([...units, 'message'].map((unit) => [unit, rate]));
  const tiers = fc.record(
    { hd: rate, low: rate, '1792x1024': rate, 'hd/1792x1024': rate, 'low/1024x1536': rate },
    { requiredKeys: [], noNullPrototype: true },
  );
  const all = {
    rates: fc.record(rates, { requiredKeys: [...units], noNullPrototype: true }),
    tiers,
  };
  return fc.record(all, { requiredKeys: ['rates'], noNullPrototype: true });
}

const words = fc.constantFrom('Hi', 'Zwölf Boxkämpfer 🥊 '.repeat(40), 'x');

/** Members of requests to each API, and the prices that its models have. */
const REQUESTS: readonly {
  readonly api: ProviderApi;
  readonly prices: fc.Arbitrary<Price>;
  readonly members: fc.Arbitrary<object>;
}[] = [
  {
    api: IMAGES,
    prices: fc.oneof(pricesBy('image'), pricesBy('input', 'output', 'image_input', 'image_output')),
    members: fc.record(
      {
        prompt: words,
        n: fc.constantFrom(1, 3, 10),
        quality: fc.constantFrom('auto', 'hd', 'HD', 'low', 'medium'),
        size: fc.constantFrom('auto', '1024x1024', '1024x1536', '1792x1024'),
      },
      { requiredKeys: ['prompt'] },
    ),
  },
  {
    api: IMAGE_EDITS,
    prices: fc.oneof(pricesBy('image'), pricesBy('input', 'output', 'image_input', 'image_output')),
    members: fc.record(
      {
        prompt: words,
        image: fc.constant('file'),
        n: fc.constantFrom('1', '3', '10'),
        quality: fc.constantFrom('auto', 'HD', 'low', 'medium'),
        size: fc.constantFrom('auto', '1024x1536', '1792x1024'),
      },
      { requiredKeys: ['prompt', 'image'] },
    ),
  },
  {
    api: SPEECH,
    prices: pricesBy('character'),
    members: fc.record(
      {
        input: words,
        instructions: words,
        voice: fc.constant('alloy'),
      },
      { requiredKeys: ['input', 'voice'] },
    ),
  },
  {
    api: TRANSCRIPTIONS,
    prices: fc.oneof(pricesBy('second'), pricesBy('input', 'output', 'audio_input')),
    members: fc.record(
      {
        seconds: fc.integer({ min: 1, max: 20 }),
        prompt: words,
        response_format: fc.constantFrom('json', 'text', 'verbose_json'),
      },
      { requiredKeys: ['seconds'] },
    ),
  },
  {
    api: TRANSLATIONS,
    prices: pricesBy('second'),
    members: fc.record(
      {
        seconds: fc.integer({ min: 1, max: 20 }),
        response_format: fc.constantFrom('json', 'text'),
      },
      { requiredKeys: ['seconds'] },
    ),
  },
  {
    api: RERANK,
    prices: fc.oneof(pricesBy('rerank'), pricesBy('input', 'output')),
    members: fc.record(
      {
        query: words,
        documents: fc.array(words, { minLength: 1, maxLength: 120 }),
        top_n: fc.constant(1),
      },
      { requiredKeys: ['query', 'documents'] },
    ),
  },
  {
    api: MODERATIONS,
    prices: pricesBy('input', 'output'),
    members: fc.record({ input: fc.oneof(words, fc.array(words, { minLength: 1 })) }),
  },
];

/** Members of another type, in other case, or of other APIs. */
const ODD: readonly object[] = [
  { n: '3' },
  { n: 0 },
  { N: 10 },
  { Documents: ['x'] },
  { stream: 'true' },
  { models: ['dear'] },
];

const anyRequest = fc.constantFrom(...REQUESTS).chain(({ api, prices, members }) =>
  fc.record({
    api: fc.constant(api),
    price: prices,
    members,
    odd: fc.oneof({ weight: 7, arbitrary: fc.constant({}) }, fc.constantFrom(...ODD)),
    /** Whether a member stands there a second time. */
    isDoubled: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
  }),
);

const share = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));
const anyScript: fc.Arbitrary<MediaScript> = fc.record({
  input: share,
  output: share,
  isExcessive: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
  isBare: fc.boolean(),
});

let site: BookedChit;
let price: Price = TOKEN_PRICE;
let script: MediaScript;
const truths: Truth[] = [];

before(async () => {
  const provider = providerAt({ url: 'http://127.0.0.1:1' }, 'openai');
  scriptMedia(
    provider,
    () => ({ script, price }),
    (truth) => truths.push(truth),
  );
  site = await openBookedChit([
    modelAt(provider, 'model', { outputTokens: undefined, priceAt: () => price }),
  ]);
});
after(async () => {
  assert.deepEqual(await faultsOf(site.chit), []);
  await site.chit.close();
});

async function bodyOf(api: ProviderApi, members: object, isDoubled: boolean): Promise<RequestBody> {
  if (api.isForm) {
    const { seconds, image, ...fields } = members as { seconds?: number; image?: string };
    const form = new FormData();
    form.set('model', 'model');
    const file = new File([new Uint8Array(wave(seconds ?? 1))], 'a.wav', { type: 'audio/wav' });
    form.set(image === undefined ? 'file' : 'image', file);
    for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
    const encoded = new Response(form);
    const type = encoded.headers.get('content-type') ?? '';
    const kept = await keptForm(Buffer.from(await encoded.arrayBuffer()), type);
    assert.ok(kept);
    return new RequestBody(kept.json, kept.value, { form: kept.form });
  }
  const written = Object.entries({ model: 'model', ...members }).map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  const json = `{${[...written, ...(isDoubled ? written.slice(-1) : [])].join(',')}}`;
  return new RequestBody(Buffer.from(json), JSON.parse(json));
}

const outcomes = { refused: 0, strict: 0, charged: new Map<string, number>() };

const property = fc.asyncProperty(
  anyRequest,
  anyScript,
  fc.oneof({ weight: 4, arbitrary: fc.constant(RICH) }, fc.nat({ max: 100_000 })),
  async (request, itsScript, opening) => {
    const { api, isDoubled } = request;
    const members = { ...request.members, ...request.odd };
    ({ price } = request);
    script = itsScript;
    truths.length = 0;
    const relayed = await site.relayed(api, await bodyOf(api, members, isDoubled), opening);
    const { error, chargedCredits, booked } = relayed;
    assert.equal(relayed.heldCredits, 0);
    if (error !== undefined) {
      assert.ok(error instanceof ChitError, String((error as Error).stack));
      assert.equal(chargedCredits, 0, 'nothing is charged with an error');
      assert.deepEqual(truths, [], 'who is refused has not used anything');
      outcomes.refused += 1;
      return;
    }
    const [truth] = truths;
    assert.ok(truth && truths.length === 1, 'the provider was asked once');
    outcomes.charged.set(api.path, (outcomes.charged.get(api.path) ?? 0) + 1);
    const settled = booked.at(-1)?.result;
    assert.ok(settled?.outcome === 'settled');
    assert.equal(chargedCredits, settled.chargedCredits);
    assert.equal(chargedCredits + settled.shortfallCredits, dueFor(price, truth));
    if (script.isExcessive || !firstHold(relayed)) return;
    outcomes.strict += 1;
    assert.equal(settled.shortfallCredits, 0);
  },
);

test('charge and shortfall are what the provider bills for images, speech and the like', async () => {
  await fc.assert(property, { numRuns: RUNS });
  const { refused, strict, charged } = outcomes;
  const counts = REQUESTS.map(({ api }) => charged.get(api.path) ?? 0);
  assert.ok(
    counts.every((count) => count > 10),
    JSON.stringify([...charged]),
  );
  assert.ok(refused > 20 && strict > RUNS / 4, JSON.stringify({ refused, strict }));
});
