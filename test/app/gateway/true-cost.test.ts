/**
 * Whatever the request and whatever the provider does and reports: charge and shortfall together
 * are what the provider bills, at the price; and the shortfall is 0 unless the provider broke its
 * own limit, or the balance paid only for the least that the input could be.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { ChitError } from '../../../src/core/errors.ts';
import { hasOwnRate, type Price, type Rate, rateFrom } from '../../../src/core/pricing.ts';
import { measureRequest } from '../../../src/models/input-measure/measure-request.ts';
import { measuredModelOf } from '../../../src/models/input-measure/measured-model.ts';
import { CHAT_COMPLETIONS } from '../../../src/models/provider-apis/chat-completions.ts';
import { COMPLETIONS, completionsFor } from '../../../src/models/provider-apis/completions.ts';
import { EMBEDDINGS } from '../../../src/models/provider-apis/embeddings.ts';
import { MESSAGES } from '../../../src/models/provider-apis/messages.ts';
import type { ProviderApi } from '../../../src/models/provider-apis/provider-api.ts';
import { RESPONSES } from '../../../src/models/provider-apis/responses.ts';
import { RequestBody } from '../../../src/models/request-body/request-body.ts';
import { inspectRequest } from '../../../src/models/request-guard/inspect-request.ts';
import { base64, png } from '../../models/input-measure/inputs.ts';
import { type BookedChit, firstHold, openBookedChit } from '../../support/booked-chit.ts';
import { faultsOf } from '../../support/chit.ts';
import {
  dueFor,
  type Script,
  scriptProvider,
  type Truth,
} from '../../support/truthful-provider.ts';
import { modelAt, providerAt, TOKEN_PRICE } from '../../support/upstream.ts';

const RUNS = 500;
const CONTEXT = 20_000;
const RICH = 1_000_000_000_000;

const said = (content: unknown) => [{ role: 'user', content }];
const PICTURE = base64(png(64, 64, 500), 'image/png');
const shortly = { cache_control: { type: 'ephemeral' } };
const long = { cache_control: { type: 'ephemeral', ttl: '1h' } };
const text = (more: object = {}) => ({ type: 'text', text: 'Wer jagt die Boxkämpfer?', ...more });

/** Members of requests to each API: those that are needed, then others. */
const REQUESTS: readonly {
  readonly api: ProviderApi;
  readonly needed: readonly (readonly [string, unknown])[];
  readonly others: readonly (readonly [string, unknown])[];
}[] = [
  {
    api: CHAT_COMPLETIONS,
    needed: [
      ['messages', said('Hi')],
      ['messages', said('one two three '.repeat(200))],
      ['messages', said([text(), { type: 'image_url', image_url: { url: PICTURE } }])],
      ['messages', said([text(), { type: 'image_url', image_url: { url: 'https://a.b/c.png' } }])],
      ['messages', said([{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }])],
      ['messages', said([text(shortly), text(long)])],
    ],
    others: [
      ['max_tokens', 0],
      ['max_tokens', 7],
      ['max_tokens', 3_000],
      ['max_completion_tokens', 500],
      ['max_completion_tokens', '5'],
      ['n', 3],
      ['n', '3'],
      ['n_predict', -1],
      ['stream', true],
      ['stream', 'true'],
      ['stream_options', { include_usage: true }],
      ['service_tier', 'priority'],
      ['service_tier', 'default'],
      ['modalities', ['text', 'audio']],
      ['web_search_options', {}],
      ['tools', [{ type: 'openrouter:web_search' }]],
      ['tools', [{ type: 'web_search' }]],
      ['tools', [{ type: 'function', function: { name: 'f' } }]],
      ['reasoning', { max_tokens: 600 }],
      ['models', ['dear']],
    ],
  },
  {
    api: RESPONSES,
    needed: [
      ['input', 'Hi'],
      ['input', said([{ type: 'input_text', text: 'one two three '.repeat(200) }])],
      ['input', said([{ type: 'input_file', file_url: 'https://a.b/c.pdf' }])],
    ],
    others: [
      ['max_output_tokens', 0],
      ['max_output_tokens', 70],
      ['max_output_tokens', 3_000],
      ['max_tool_calls', 2],
      ['stream', true],
      ['previous_response_id', 'resp_1'],
      ['service_tier', 'priority'],
      ['tools', [{ type: 'web_search' }]],
      ['tools', [{ type: 'mcp', server_label: 'x' }]],
      ['background', true],
    ],
  },
  {
    api: MESSAGES,
    needed: [
      ['messages', said('Hi')],
      ['messages', said([text(shortly), text()])],
      ['messages', said([text(long), text(shortly)])],
      ['messages', said('one two three '.repeat(200))],
    ],
    others: [
      ['max_tokens', 700],
      ['max_tokens', 3_000],
      ['system', [text(long)]],
      ['thinking', { type: 'enabled', budget_tokens: 1_024 }],
      ['stream', true],
      ['service_tier', 'auto'],
      ['speed', 'fast'],
      ['tools', [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }]],
      ['tools', [{ type: 'web_search_20260209', name: 'web_search', max_uses: 1 }]],
      ['tools', [{ type: 'web_fetch_20250910', name: 'web_fetch' }]],
      ['tools', [{ name: 'f', input_schema: {} }]],
      ['service_tier', 'standard_only'],
      ['inference_geo', 'us'],
    ],
  },
  {
    api: COMPLETIONS,
    needed: [
      ['prompt', 'Hi'],
      ['prompt', ['one two three '.repeat(200), 'four']],
      ['prompt', [1, 2, 40_000]],
    ],
    others: [
      ['max_tokens', 0],
      ['max_tokens', 700],
      ['n', 2],
      ['best_of', 3],
      ['echo', true],
      ['stream', true],
      ['service_tier', 'priority'],
      ['max_completion_tokens', 5],
      ['n_predict', -1],
    ],
  },
  {
    api: EMBEDDINGS,
    needed: [
      ['input', 'Hi'],
      ['input', ['one two three '.repeat(200), 'four']],
      ['input', [[1, 2, 3], [40_000]]],
    ],
    others: [
      ['dimensions', 8],
      ['user', 'x'],
    ],
  },
];

const otherCase = fc.func(fc.boolean());
const odd = fc.constantFrom<unknown[]>('5', 1.5, -1, 1e300, 'true', {}, [], null, [[{}]]);

const anyRequest = fc.constantFrom(...REQUESTS).chain(({ api, needed, others }) => {
  const all = [...needed, ...others];
  const mutated = fc.oneof(
    fc.tuple(fc.constantFrom(...all), otherCase).map(([[name, value], isUpper]) => {
      const letters = [...name].map((it, at) => (isUpper(at) ? it.toUpperCase() : it));
      return [letters.join(''), value] as const;
    }),
    fc.tuple(fc.constantFrom(...all), odd).map(([[name], value]) => [name, value] as const),
    fc.constantFrom(...all),
  );
  return fc
    .record({
      first: fc.constantFrom(...needed),
      others: fc.uniqueArray(fc.constantFrom(...others), {
        maxLength: 4,
        selector: ([name]) => name,
      }),
      mutated: fc.oneof(
        { weight: 5, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(mutated, { maxLength: 2 }) },
      ),
    })
    .map((parts) => {
      const members = [['model', api.family] as const, parts.first, ...parts.others];
      const written = [...members, ...parts.mutated].map(
        ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
      );
      return { api, json: `{${written.join(',')}}` };
    });
});

const rate: fc.Arbitrary<Rate> = fc
  .tuple(fc.nat({ max: 3_000 }), fc.constantFrom(1, 7, 1_000, 1_000_000))
  .map(([credits, per]) => rateFrom(BigInt(credits), BigInt(per)));
const rates = fc.record(
  {
    message: rate,
    input: rate,
    cached_input: rate,
    cache_write_5m: rate,
    cache_write_1h: rate,
    audio_input: rate,
    output: rate,
    audio_output: rate,
    search: rate,
  },
  { requiredKeys: ['input', 'output'], noNullPrototype: true },
);
const anyPrice: fc.Arbitrary<Price> = fc.oneof(
  fc.record(
    {
      rates,
      steps: fc
        .tuple(fc.nat({ max: 1_000 }), rates)
        .map(([aboveInput, its]) => [{ aboveInput, rates: its }]),
      tiers: fc.record(
        { priority: rate, fast: rate, flex: rate, us: rate },
        { requiredKeys: [], noNullPrototype: true },
      ),
    },
    { requiredKeys: ['rates'], noNullPrototype: true },
  ),
  rate.map((message): Price => ({ rates: { message } })),
);

const share = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));
const anyScript: fc.Arbitrary<Script> = fc.record({
  reads: fc.constantFrom('last', 'first', 'withoutCase', 'inTwoSpellings'),
  input: share,
  cached: share,
  written: share,
  writesUnasked: fc.boolean(),
  output: share,
  reasoning: share,
  searches: share,
  grantsTier: fc.boolean(),
  openTier: fc.constantFrom('priority', 'flex', undefined),
  isInRegion: fc.boolean(),
  loops: share,
  dialect: fc.nat({ max: 5 }),
  breaks: fc.oneof(
    { weight: 4, arbitrary: fc.constant('nothing' as const) },
    { weight: 1, arbitrary: fc.constantFrom('its limit', 'the bound') },
  ),
  isFailing: fc.constant(false),
  pieceBytes: fc.integer({ min: 1, max: 400 }),
  isAbrupt: fc.boolean(),
});

let site: BookedChit;
let prices: Readonly<Record<string, Price>> = {};
let scripts: Script[] = [];
let mostInput = 0;
/** What the provider did, in order. */
const truths: Truth[] = [];

before(async () => {
  const models = (['openai', 'anthropic'] as const).flatMap((family) => {
    const provider = providerAt({ url: 'http://127.0.0.1:1' }, family, { fetchesUrls: true });
    scriptProvider(
      provider,
      () => ({ script: scripts.shift() as Script, mostInput, contextTokens: CONTEXT }),
      (truth) => truths.push(truth),
    );
    return [family, `${family}-2`].map((name) =>
      modelAt(provider, name, {
        upstreamModel: name,
        contextTokens: CONTEXT,
        outputTokens: 2_000,
        fallbacks: name === family ? [`${family}-2`] : [],
        priceAt: () => prices[name] ?? TOKEN_PRICE,
      }),
    );
  });
  site = await openBookedChit(models);
});
after(async () => {
  assert.deepEqual(await faultsOf(site.chit), []);
  await site.chit.close();
});

/** The most input that the provider can find in the request, as Chit bounds or counts it. */
async function mostInputOf(api: ProviderApi, json: string, isCounted: boolean): Promise<number> {
  try {
    const body = new RequestBody(Buffer.from(json), JSON.parse(json));
    const { unseen, isSeen } = inspectRequest(api, body);
    const measure = measureRequest(api.family, body, { unseen, isSeen });
    const model = site.chit.context.catalogue.find(api.family);
    if (!model) return 0;
    const measured = measuredModelOf(model);
    return isCounted
      ? (await measure.count(measured)).mostTokens
      : (measure.mostTokens(measured) ?? 0);
  } catch (error) {
    assert.ok(error instanceof ChitError);
    return 0;
  }
}

const outcomes = { charged: 0, refused: 0, strict: 0, short: 0 };

const property = fc.asyncProperty(
  anyRequest,
  fc.tuple(anyPrice, anyPrice),
  fc.tuple(anyScript, anyScript),
  fc.oneof(fc.constant(RICH), fc.nat({ max: 200_000 })),
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  async ({ api, json }, [price, other], [first, second], opening, isFirstFailing) => {
    prices = { [api.family]: price, [`${api.family}-2`]: other };
    const plain = [price, other].some((it) => !hasOwnRate(it, 'cache_write_5m'));
    const itsUsual = (script: Script): Script => ({
      ...script,
      // Models that do are known by their prices.
      writesUnasked: script.writesUnasked && api.family === 'openai' && !plain,
    });
    scripts = (isFirstFailing ? [{ ...first, isFailing: true }, second] : [first]).map(itsUsual);
    truths.length = 0;
    mostInput = await mostInputOf(api, json, opening !== RICH);
    const body = new RequestBody(Buffer.from(json), JSON.parse(json));
    const relayed = await site.relayed(
      api === COMPLETIONS ? completionsFor(body.value) : api,
      body,
      opening,
    );
    const { error, chargedCredits: charged } = relayed;
    assert.equal(relayed.heldCredits, 0);
    if (error !== undefined) {
      assert.ok(error instanceof ChitError, String((error as Error).stack));
      assert.equal(charged, 0, 'nothing is charged with an error');
      assert.deepEqual(truths, [], 'who is refused has not used anything');
      outcomes.refused += 1;
      return;
    }
    const [truth] = truths;
    assert.ok(truth && truths.length === 1, 'the provider was asked once');
    outcomes.charged += 1;
    const due = dueFor(prices[truth.model] as Price, truth);
    const settled = relayed.booked.at(-1)?.result;
    assert.ok(settled?.outcome === 'settled');
    assert.deepEqual(charged, settled.chargedCredits);
    assert.equal(charged + settled.shortfallCredits, due);
    const script = isFirstFailing ? second : first;
    const hold = firstHold(relayed);
    if (script.breaks !== 'nothing' || !hold) return;
    outcomes.strict += 1;
    if (hold.heldCredits < hold.mostCredits) outcomes.short += 1;
    assert.equal(settled.shortfallCredits, 0);
  },
);

test('charge and shortfall are what the provider bills', async () => {
  await fc.assert(property, { numRuns: RUNS });
  const { charged, refused, strict, short } = outcomes;
  assert.ok(charged > RUNS / 3 && refused > 20 && strict > RUNS / 5 && short > 2, outcomesText());
});

function outcomesText(): string {
  return JSON.stringify(outcomes);
}
