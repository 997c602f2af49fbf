/** What is charged is what the provider bills, in whatever dialect it reports that. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Command } from '../../../src/core/ledger.ts';
import { flatPrice, type Price, textPrice } from '../../../src/core/pricing.ts';
import { faultsOf } from '../../support/chit.ts';
import { type Answer, send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { dueFor, type Script, type Truth } from '../../support/truthful-provider.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';
import { chatEvents, messagesEvents, responsesEvents } from '../../support/usage-dialects.ts';

const OPENING = 1_000_000;
/** A credit for each token of input and output, half of one for cached input. */
const HALF = textPrice({
  perMillionInput: 1_000_000,
  perMillionCachedInput: 500_000,
  perMillionOutput: 1_000_000,
});
/** As Anthropic has it: a tenth for cached input. */
const TENTH: Price = { rates: { ...HALF.rates, cached_input: [1, 10] } };
const PRICES: Readonly<Record<string, Price>> = {
  gpt: HALF,
  claude: TENTH,
  'gpt-tiered': { ...HALF, tiers: { priority: [2, 1] } },
  'claude-tiered': { ...TENTH, tiers: { priority: [3, 1] } },
  'gpt-untiered': HALF,
  'claude-abroad': { ...TENTH, tiers: { priority: [3, 1], us: [11, 10] } },
  'gpt-writing': { rates: { ...HALF.rates, cache_write_5m: [2, 1] } },
  'gpt-searching': { rates: { ...HALF.rates, search: [10, 1] } },
  'claude-searching': { rates: { ...TENTH.rates, search: [10, 1] } },
};

const TEXT = 'Wer jagt die Boxkämpfer? '.repeat(1_000);
const MESSAGES = [{ role: 'user', content: TEXT }];
const TEXT_PART = { type: 'text', text: 'a' };
const CACHED = {
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } },
        { type: 'text', text: 'b', cache_control: { type: 'ephemeral' } },
      ],
    },
  ],
};

const APIS = {
  chat: {
    path: '/v1/chat/completions',
    model: 'gpt',
    body: { messages: MESSAGES },
    of: chatEvents,
  },
  responses: {
    path: '/v1/responses',
    model: 'gpt',
    body: { input: TEXT },
    of: responsesEvents,
  },
  messages: {
    path: '/v1/messages',
    model: 'claude',
    body: { messages: MESSAGES, max_tokens: 900 },
    of: messagesEvents,
  },
} as const;

interface Row {
  readonly name: string;
  readonly api: keyof typeof APIS;
  readonly model?: string;
  readonly body?: object;
  readonly counts: Truth['counts'];
  readonly tier?: string;
  readonly dialect?: number;
  /** The part of the output that is reasoning. */
  readonly reasoning?: number;
  readonly due: number;
  readonly unpriced?: object;
}

const ROWS: readonly Row[] = [
  { name: 'OpenAI', api: 'chat', counts: { input: 100, output: 18 }, due: 118 },
  {
    name: 'xAI and Gemini: reasoning beside the completion',
    api: 'chat',
    counts: { input: 100, output: 618 },
    dialect: 1,
    reasoning: 600 / 618,
    due: 718,
  },
  {
    name: 'DeepSeek: prompt_cache_hit_tokens',
    api: 'chat',
    counts: { input: 10, cached_input: 90, output: 20 },
    dialect: 2,
    due: 75,
  },
  {
    name: 'Groq: x_groq',
    api: 'chat',
    counts: { input: 1_000, output: 400 },
    dialect: 3,
    due: 1_400,
  },
  {
    name: 'priority, as the answer says',
    api: 'chat',
    model: 'gpt-tiered',
    body: { service_tier: 'priority' },
    counts: { input: 100, output: 50 },
    tier: 'priority',
    due: 300,
  },
  {
    name: 'priority that was asked for and not given',
    api: 'chat',
    model: 'gpt-tiered',
    body: { service_tier: 'priority' },
    counts: { input: 100, output: 50 },
    due: 150,
  },
  {
    name: 'priority without a price, which is allowed',
    api: 'chat',
    model: 'gpt-untiered',
    body: { service_tier: 'priority' },
    counts: { input: 100, output: 50 },
    tier: 'priority',
    due: 150,
    unpriced: { 'tier:priority': 1 },
  },
  {
    name: 'priority that a setting at the provider grants, and that is held',
    api: 'chat',
    model: 'gpt-tiered',
    counts: { input: 24_000, output: 900 },
    tier: 'priority',
    due: 49_800,
  },
  {
    name: 'OpenAI: writes to the cache that nobody asked for, and that are held',
    api: 'chat',
    model: 'gpt-writing',
    counts: { cache_write_5m: 24_000, input: 0, output: 900 },
    due: 48_900,
  },
  {
    name: 'OpenRouter: writes to the cache without a lifetime',
    api: 'chat',
    body: { messages: [{ role: 'user', content: [{ ...TEXT_PART, cache_control: {} }] }] },
    counts: { input: 10, cache_write_5m: 100, output: 7 },
    due: 10 + 125 + 7,
  },
  {
    name: 'OpenRouter: writes to the cache without a lifetime, if the request asked for an hour',
    api: 'chat',
    body: CACHED,
    counts: { input: 10, cache_write_1h: 100, output: 7 },
    due: 10 + 200 + 7,
  },
  {
    name: 'Responses: the input is read again after each search',
    api: 'responses',
    model: 'gpt-searching',
    body: { tools: [{ type: 'web_search' }], max_tool_calls: 2 },
    counts: { input: 410_000, output: 50, search: 2 },
    due: 410_070,
  },
  { name: 'Responses', api: 'responses', counts: { input: 100, output: 18 }, due: 118 },
  {
    name: 'Responses of xAI: reasoning beside the output',
    api: 'responses',
    counts: { input: 100, output: 618 },
    dialect: 1,
    reasoning: 600 / 618,
    due: 718,
  },
  {
    name: 'Responses: priority, as the answer says',
    api: 'responses',
    model: 'gpt-tiered',
    body: { service_tier: 'priority' },
    counts: { input: 100, output: 50 },
    tier: 'priority',
    due: 300,
  },
  {
    name: 'Anthropic, from the cache',
    api: 'messages',
    counts: { input: 5, cached_input: 20_000, output: 30 },
    due: 2_035,
  },
  {
    name: 'Anthropic: several turns for one answer',
    api: 'messages',
    counts: { input: 500, output: 301 },
    dialect: 1,
    due: 801,
  },
  {
    name: 'Anthropic: writes to the cache for five minutes and for an hour',
    api: 'messages',
    body: CACHED,
    counts: { input: 10, cache_write_5m: 100, cache_write_1h: 50, output: 7 },
    due: 10 + 125 + 100 + 7,
  },
  {
    name: 'Anthropic: writes to the cache without a lifetime, if the request asked for an hour',
    api: 'messages',
    body: CACHED,
    counts: { input: 10, cache_write_1h: 100, output: 7 },
    dialect: 3,
    due: 10 + 200 + 7,
  },
  {
    name: 'Anthropic: the input is read again after each search',
    api: 'messages',
    model: 'claude-searching',
    body: { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 2 }] },
    counts: { input: 610_000, output: 50, search: 2 },
    due: 610_070,
  },
  {
    name: 'Anthropic: a region that costs more, by the setting of a workspace',
    api: 'messages',
    model: 'claude-abroad',
    counts: { input: 20_000, output: 900 },
    tier: 'priority/us',
    due: 68_970,
  },
  {
    name: 'Anthropic: priority, as the answer says',
    api: 'messages',
    model: 'claude-tiered',
    body: { service_tier: 'auto' },
    counts: { input: 100, output: 50 },
    tier: 'priority',
    due: 450,
  },
];

const SCRIPT: Script = {
  reads: 'last',
  input: 1,
  cached: 0,
  written: 0,
  writesUnasked: false,
  output: 1,
  reasoning: 0,
  searches: 0,
  grantsTier: true,
  openTier: undefined,
  isInRegion: false,
  loops: 0,
  dialect: 0,
  breaks: 'nothing',
  isFailing: false,
  pieceBytes: 1,
  isAbrupt: false,
};

let emulator: ProviderEmulator;
let server: ModelServer;
/** The command that ended the last generation. */
let lastEnd: Command | undefined;
let user: Awaited<ReturnType<ModelServer['newUser']>>;

before(async () => {
  emulator = await startProviderEmulator({ key: 'sk-emulated' });
  const [openai, anthropic] = [providerAt(emulator, 'openai'), providerAt(emulator, 'anthropic')];
  const priced = Object.entries(PRICES).map(([name, price]) =>
    modelAt(name.startsWith('gpt') ? openai : anthropic, name, {
      price,
      upstreamModel: name,
      allowUnpriced: name === 'gpt-untiered' ? ['service_tier'] : [],
    }),
  );
  const fallbacks = ['dear'];
  server = await startModelServer(
    [
      ...priced,
      modelAt(openai, 'flat', { price: flatPrice(10), upstreamModel: 'flat', fallbacks }),
      modelAt(openai, 'dear', { price: flatPrice(1_000), upstreamModel: 'dear' }),
      modelAt(openai, 'unknown', { contextTokens: undefined }),
    ],
    { CHIT_SIGNUP_TOKENS: String(OPENING) },
    { areAnswersOdd: true },
  );
  const { ledger } = server.chit.context;
  const submit = ledger.submitUntilKnown.bind(ledger);
  ledger.submitUntilKnown = (command, options) => {
    lastEnd = command;
    return submit(command, options);
  };
});
beforeEach(async () => {
  emulator.reset();
  lastEnd = undefined;
  user = await server.newUser();
});
after(async () => {
  assert.deepEqual(await faultsOf(server.chit), []);
  await server.close();
  await emulator.close();
});

function post(path: string, body: string | Buffer, more: object = {}): Promise<Answer> {
  const headers = { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' };
  return send(`${server.url}${path}`, { method: 'POST', headers: { ...headers, ...more }, body });
}

const ask = (path: string, body: object) => post(path, JSON.stringify(body));

async function charged(): Promise<number> {
  const { postedCredits, heldCredits } = await server.balanceOf(user.userId);
  assert.equal(heldCredits, 0);
  return OPENING - postedCredits;
}

for (const row of ROWS) {
  const { name, api, model = APIS[api].model, counts, tier, due } = row;
  const { path, body, of } = APIS[api];
  describe(name, () => {
    for (const isStream of [false, true]) {
      for (const isAbrupt of isStream ? [false, true] : [false]) {
        const form = `${isStream ? 'a stream' : 'whole'}${isAbrupt ? ', broken off' : ''}`;
        test(`${form}: ${due}`, async () => {
          const truth: Truth = { model, counts, tier, answers: 1 };
          assert.equal(dueFor(PRICES[model] as Price, truth), due);
          const { dialect = 0, reasoning = 0 } = row;
          const told = of(truth, { ...SCRIPT, dialect, reasoning });
          const events = told.stream.map((it) => `data: ${JSON.stringify(it)}\n\n`).join('');
          emulator.behave({
            raw: isStream
              ? { type: 'text/event-stream', body: isAbrupt ? events.slice(0, -2) : events }
              : { type: 'application/json', body: JSON.stringify(told.whole) },
            splitBytes: [1],
          });
          const stream = isStream ? { stream: true } : {};
          const { status, text } = await ask(path, { model, ...body, ...row.body, ...stream });
          assert.equal(status, 200, text);
          assert.equal(await charged(), due);
          assert.ok(lastEnd?.kind === 'settle');
          assert.equal(lastEnd.usageSource, 'provider');
          assert.deepEqual(lastEnd.unpriced, row.unpriced);
        });
      }
    }
  });
}

test('a chat on the page is held and charged by a tier that a setting at the provider grants', async () => {
  const counts = { input: 1_900, output: 900 };
  const truth: Truth = { model: 'gpt-tiered', counts, tier: 'priority', answers: 1 };
  const { stream } = chatEvents(truth, SCRIPT);
  const body = stream.map((it) => `data: ${JSON.stringify(it)}\n\n`).join('');
  emulator.behave({ raw: { type: 'text/event-stream', body } });
  const answer = await send(`${server.url}/api/chat/`, {
    method: 'POST',
    headers: { authorization: `Bearer ${user.access}`, 'content-type': 'application/json' },
    body: JSON.stringify({ message: 'Boxkämpfer '.repeat(180), model: 'gpt-tiered' }),
  });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(await charged(), 2 * (1_900 + 900));
});

test('a stream of Anthropic that breaks off pays for cached input as it was told', async () => {
  const usage = { inputTokens: 20_005, cachedInputTokens: 20_000 };
  emulator.behave({ usage, fault: { kind: 'cut', afterChunks: 3 } });
  const body = { ...APIS.messages.body, model: 'claude', stream: true };
  assert.equal((await ask('/v1/messages', body)).status, 200);
  const paid = await charged();
  assert.ok(paid > 2_005 && paid < 2_050, String(paid));
});

describe('a price per message', () => {
  test('is per answer', async () => {
    const { status } = await ask('/v1/chat/completions', {
      model: 'flat',
      messages: MESSAGES,
      n: 3,
    });
    assert.equal(status, 200);
    assert.equal(await charged(), 30);
  });

  test('of a fallback that cannot be paid is not spent, and the fallback is not asked', async () => {
    user = await server.newUser({ budgetCredits: 10 });
    emulator.behave({ refuse: { status: 400 } });
    const body = { model: 'flat', messages: MESSAGES };
    assert.ok((await ask('/v1/chat/completions', body)).status >= 400);
    const asked = emulator.requests.map(({ json }) => (json as { model: string }).model);
    assert.deepEqual(asked, ['flat']);
    assert.equal(await charged(), 0);
  });

  test('of a fallback that answers is paid', async () => {
    emulator.behaveNext({ refuse: { status: 501 } });
    const body = { model: 'flat', messages: MESSAGES };
    assert.equal((await ask('/v1/chat/completions', body)).status, 200);
    assert.equal(await charged(), 1_000);
  });
});

describe('400, with the member, and nothing is booked or asked:', () => {
  const chat = { model: 'gpt', messages: MESSAGES };
  const claude = { model: 'claude', ...APIS.messages.body };
  const responses = { model: 'gpt', input: 'Wer?' };
  const REFUSED: readonly (readonly [path: string, body: object, member: string])[] = [
    ['/v1/chat/completions', { ...chat, stream: 'true' }, 'stream'],
    ['/v1/chat/completions', { ...chat, n: '5' }, 'n'],
    ['/v1/chat/completions', { ...chat, service_tier: 'priority' }, 'service_tier'],
    ['/v1/chat/completions', { ...chat, web_search_options: {} }, 'web_search_options'],
    ['/v1/chat/completions', { ...chat, models: ['dear'] }, 'models'],
    ['/v1/chat/completions', { ...chat, n_predict: -1 }, 'n_predict'],
    ['/v1/chat/completions', { ...chat, MAX_TOKENS: 5 }, 'MAX_TOKENS'],
    ['/v1/chat/completions', { ...chat, Model: 'dear' }, 'Model'],
    ['/v1/chat/completions', { ...chat, max_tokens: '5' }, 'max_tokens'],
    ['/v1/responses', { ...responses, stream: 'true' }, 'stream'],
    ['/v1/responses', { ...responses, background: true }, 'background'],
    ['/v1/responses', { ...responses, tools: [{ type: 'web_search' }] }, 'tools[0].type'],
    ['/v1/responses', { ...responses, tools: [{ type: 'image_generation' }] }, 'tools[0].type'],
    ['/v1/responses', { ...responses, model: 'unknown', conversation: 'c' }, 'conversation'],
    ['/v1/responses', { ...responses, model: 'unknown', prompt: { id: 'p' } }, 'prompt'],
    [
      '/v1/responses',
      { ...responses, model: 'unknown', previous_response_id: 'r' },
      'previous_response_id',
    ],
    ['/v1/messages', { ...claude, stream: 'true' }, 'stream'],
    ['/v1/messages', { ...claude, speed: 'fast' }, 'speed'],
    ['/v1/messages', { ...claude, max_tokens: '5' }, 'max_tokens'],
    ['/v1/embeddings', { model: 'unknown', input: [{}] }, 'input[0]'],
  ];
  for (const [path, body, member] of REFUSED) {
    test(`${path} ${member}`, async () => {
      const { status, json, text } = await ask(path, body);
      assert.equal(status, 400, text);
      const { error } = json as { error: { message: string; param?: string } };
      assert.ok(error.message.includes(member), error.message);
      if (path !== '/v1/messages') assert.equal(error.param, member);
      assert.equal(emulator.requests.length, 0);
      assert.equal(await charged(), 0);
    });
  }

  test('members that are there twice', async () => {
    const json = JSON.stringify(chat).replace('{', '{"model":"dear",');
    const { status, text } = await post('/v1/chat/completions', json);
    assert.equal(status, 400);
    assert.match(text, /model/);
    assert.equal(emulator.requests.length, 0);
  });
});

for (const { path, model, body } of Object.values(APIS)) {
  test(`${path}: a compressed body is refused with a sentence in the API's shape`, async () => {
    const json = gzipSync(JSON.stringify({ model, ...body }));
    const answer = await post(path, json, { 'content-encoding': 'gzip' });
    assert.equal(answer.status, 415);
    const { error, type } = answer.json as { error: { message: string }; type?: string };
    assert.match(error.message, /Compressed request bodies are not supported/);
    assert.equal(answer.headers['accept-encoding'], 'identity');
    assert.equal(type, path === '/v1/messages' ? 'error' : undefined);
    assert.equal(emulator.requests.length, 0);
    assert.equal(await charged(), 0);
  });
}
