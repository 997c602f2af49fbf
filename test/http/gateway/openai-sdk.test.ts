/** OpenAI's own client, unmodified, against Chit: what it gets, and what that costs. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import OpenAI from 'openai';
import { faultsOf } from '../../support/chit.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { checkedFetch } from '../../support/published/check.ts';
import { modelAt, providerAt, TOKEN_PRICE } from '../../support/upstream.ts';

const OPENING = 4_000;
const USAGE = { inputTokens: 30, cachedInputTokens: 10, cacheWriteTokens: 0, outputTokens: 12 };
/** 20 of input, 10 cached at half the price, 12 of output at twice. */
const COST = 20 + 5 + 24;
const MESSAGES = [{ role: 'user', content: 'Wer jagt?' }] as const;

let emulator: ProviderEmulator;
let server: ModelServer;
let user: Awaited<ReturnType<ModelServer['newUser']>>;
let client: OpenAI;

before(async () => {
  emulator = await startProviderEmulator({ key: 'sk-emulated' });
  server = await startModelServer(
    [
      modelAt(providerAt(emulator, 'openai'), 'gpt'),
      modelAt(providerAt(emulator, 'openai'), 'vendor/gpt'),
      modelAt(providerAt(emulator, 'openai'), 'blind', { contextTokens: undefined }),
      modelAt(providerAt(emulator, 'anthropic'), 'claude'),
      modelAt(providerAt(emulator, 'openai'), 'searching', {
        upstreamModel: 'emulated-large',
        price: { rates: { ...TOKEN_PRICE.rates, search: [10, 1] } },
        contextTokens: 500,
        outputTokens: 100,
        fallbacks: ['gpt'],
      }),
    ],
    { CHIT_READ_ON_SECONDS: '0' },
  );
});
beforeEach(async () => {
  emulator.reset();
  user = await server.newUser();
  client = clientWith(user.key);
});
after(async () => {
  assert.deepEqual(await faultsOf(server.chit), []);
  await server.close();
  await emulator.close();
});

function clientWith(apiKey: string): OpenAI {
  return new OpenAI({
    apiKey,
    baseURL: `${server.url}/v1`,
    maxRetries: 0,
    fetch: checkedFetch('openai'),
  });
}

/** Waits until the hold has ended, since a disconnected client cannot. */
async function untilNothingIsHeld(): Promise<void> {
  for (let tries = 0; (await server.balanceOf(user.userId)).heldCredits > 0; tries += 1) {
    assert.ok(tries < 1_500, 'its credits stay held');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function assertCharged(credits: number): Promise<void> {
  await untilNothingIsHeld();
  assert.deepEqual(await server.balanceOf(user.userId), {
    postedCredits: OPENING - credits,
    heldCredits: 0,
  });
}

test('a completion is returned and charged', async () => {
  emulator.behave({ text: 'Zwölf 👊 Boxkämpfer', usage: USAGE });
  const answer = await client.chat.completions.create({ model: 'gpt', messages: [...MESSAGES] });
  assert.equal(answer.choices[0]?.message.content, 'Zwölf 👊 Boxkämpfer');
  assert.equal(answer.usage?.total_tokens, 42);
  await assertCharged(COST);
});

test('a stream includes usage only if the client asks for it', async () => {
  emulator.behave({ text: 'Zwölf 👊 Boxkämpfer', usage: USAGE, splitBytes: [1, 2, 3] });
  for (const asksForUsage of [true, false]) {
    const stream = await client.chat.completions.create({
      model: 'gpt',
      messages: [...MESSAGES],
      stream: true,
      ...(asksForUsage ? { stream_options: { include_usage: true } } : {}),
    });
    let text = '';
    let usages = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      if (chunk.usage) usages += 1;
    }
    assert.equal(text, 'Zwölf 👊 Boxkämpfer');
    assert.equal(usages, asksForUsage ? 1 : 0);
  }
  await assertCharged(2 * COST);
});

test('a tool call and its result, streamed', async () => {
  emulator.behave({ usage: USAGE });
  const tools = [
    {
      type: 'function',
      function: {
        name: 'weather',
        parameters: { type: 'object', properties: { city: { type: 'string' } } },
      },
    },
  ] as const;
  const asked = client.chat.completions.stream({
    model: 'gpt',
    messages: [...MESSAGES],
    tools: [...tools],
  });
  const call = (await asked.finalMessage()).tool_calls?.[0];
  assert.ok(call?.type === 'function');
  JSON.parse(call.function.arguments);
  await assertCharged(COST);
  const answer = await client.chat.completions.create({
    model: 'gpt',
    messages: [
      ...MESSAGES,
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: call.id, content: 'rain' },
    ],
    tools: [...tools],
  });
  assert.ok(answer.choices[0]?.message.content);
  await assertCharged(2 * COST);
});

test('tool calls without reported usage are charged by our count', async () => {
  emulator.behave({ usage: 'omitted' });
  const tools = [{ type: 'function', function: { name: 'weather' } }] as const;
  await client.chat.completions.create({
    model: 'gpt',
    messages: [...MESSAGES],
    tools: [...tools],
  });
  const [line] = await server.chit.context.transfers.statement(user.userId, {
    beforeNumber: undefined,
    limit: 1,
  });
  assert.equal(line?.usage?.source, 'counted');
  assert.ok((line?.usage?.output ?? 0) > 0);
});

test('images and JSON schemas are passed on unchanged', async () => {
  emulator.behave({ usage: USAGE });
  const url = `data:image/png;base64,${'A'.repeat(5_000)}`;
  const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
  await client.chat.completions.create({
    model: 'gpt',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'hi' },
          { type: 'image_url', image_url: { url } },
        ],
      },
    ],
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
  });
  const sent = emulator.requests[0]?.json as Record<string, unknown>;
  assert.deepEqual(sent.messages, [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'hi' },
        { type: 'image_url', image_url: { url } },
      ],
    },
  ]);
  assert.equal(sent.model, 'emulated-small');
  await assertCharged(COST);
});

test('a body is passed on byte for byte except for what metering sets', async () => {
  emulator.behave({ usage: USAGE });
  const body = '{"model":"gpt","top_a" : 1.50,"messages":[{"role":"user","content":"\\u00e4"}]}';
  const headers = { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers,
    body,
  });
  assert.equal(answer.status, 200);
  assert.equal(
    emulator.requests[0]?.body.toString(),
    body.replace('{"model":"gpt"', '{"max_tokens":1000,"model":"emulated-small"'),
  );
});

/** A model of which nobody knows how much it reads. */
const BLIND = { model: 'blind' };

test('what costs more than the price covers is refused before anything is held', async () => {
  const messages = [...MESSAGES];
  const refused: [string, object, string, string][] = [
    ['chat/completions', { messages, n: '5' }, 'member_invalid', 'n'],
    ['chat/completions', { messages, MAX_TOKENS: 9 }, 'member_repeated', 'MAX_TOKENS'],
    ['chat/completions', { messages, models: ['b'] }, 'member_unpriced', 'models'],
    ['chat/completions', { messages, service_tier: 'priority' }, 'member_unpriced', 'service_tier'],
    ['chat/completions', { messages, hyperspeed: true }, 'member_unknown', 'hyperspeed'],
    ['responses', { input: 'x', background: true }, 'member_unpriced', 'background'],
    [
      'responses',
      { input: 'x', tools: [{ type: 'web_search' }] },
      'member_unpriced',
      'tools[0].type',
    ],
    ['responses', { ...BLIND, input: 'x', conversation: 'c' }, 'input_unseen', 'conversation'],
    ['embeddings', { input: ['x'], n_predict: -1 }, 'member_invalid', 'n_predict'],
  ];
  const headers = { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' };
  for (const [path, body, code, param] of refused) {
    for (const stream of path === 'embeddings' ? [undefined] : [false, true]) {
      const answer = await fetch(`${server.url}/v1/${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ model: 'gpt', stream, ...body }),
      });
      const { error } = (await answer.json()) as { error: Record<string, string> };
      assert.equal(answer.status, 400, `${code}: ${error.message}`);
      assert.equal(answer.headers.get('chit-error'), code);
      assert.equal(error.param, param);
      assert.ok(error.message?.includes(`"${param}"`), `${error.message}`);
    }
  }
  assert.equal(emulator.requests.length, 0);
  await assertCharged(0);
  const none = { beforeNumber: undefined, limit: 9 };
  const lines = await server.chit.context.transfers.statement(user.userId, none);
  assert.equal(lines.length, 1);
});

test('input that is not in the body is held for, and charged as the provider counts it', async () => {
  const usage = { ...USAGE, inputTokens: 450, cachedInputTokens: 0 };
  emulator.behave({ usage });
  const kept = { previous_response_id: 'resp_1' };
  await client.responses.create({ model: 'searching', input: 'x', ...kept });
  await assertCharged(450 + 24);
  await client.responses.create({
    model: 'searching',
    input: 'x',
    tools: [{ type: 'web_search' }],
    max_tool_calls: 2,
  });
  await assertCharged(2 * (450 + 24));
});

test('a fall-back is not asked for what its own price does not cover', async () => {
  emulator.behave({ refuse: { status: 500 } });
  const asked = async (tools: object[]) => {
    const before = emulator.requests.length;
    const answer = await fetch(`${server.url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'searching', input: 'x', tools, max_tool_calls: 2 }),
    });
    assert.equal(answer.status, 502);
    const sent = emulator.requests
      .slice(before)
      .map(({ json }) => (json as { model: string }).model);
    return [...new Set(sent)];
  };
  assert.deepEqual(await asked([]), ['emulated-large', 'emulated-small']);
  assert.deepEqual(await asked([{ type: 'web_search' }]), ['emulated-large']);
  await assertCharged(0);
});

test('a body that is not JSON is not sent to a provider', async () => {
  const headers = { authorization: `Bearer ${user.key}` };
  const form = new URLSearchParams({ model: 'gpt', messages: '[]' });
  const url = `${server.url}/v1/chat/completions`;
  assert.equal((await fetch(url, { method: 'POST', headers, body: form })).status, 415);
  const json = { ...headers, 'content-type': 'application/json' };
  for (const body of ['', '[]', '{', '{"model":1}', '"gpt"']) {
    assert.equal((await fetch(url, { method: 'POST', headers: json, body })).status, 400, body);
  }
  assert.equal(emulator.requests.length, 0);
});

test('embeddings are charged by input', async () => {
  const answer = await client.embeddings.create({ model: 'gpt', input: ['one', 'two'] });
  assert.equal(answer.data.length, 2);
  await assertCharged(2);
});

test('the Responses API, streamed and not', async () => {
  emulator.behave({ text: 'Zwölf 👊 Boxkämpfer', usage: USAGE });
  const answer = await client.responses.create({ model: 'gpt', input: 'Wer jagt?' });
  assert.equal(answer.output_text, 'Zwölf 👊 Boxkämpfer');
  const stream = await client.responses.create({ model: 'gpt', input: 'Wer jagt?', stream: true });
  let text = '';
  for await (const event of stream) {
    if (event.type === 'response.output_text.delta') text += event.delta;
  }
  assert.equal(text, 'Zwölf 👊 Boxkämpfer');
  await assertCharged(2 * COST);
});

test('if nothing is read on, a client that disconnects pays for what was delivered', async () => {
  emulator.behave({ words: 500, fault: { kind: 'hang', afterChunks: 12 } });
  const stream = await client.chat.completions.create({
    model: 'gpt',
    messages: [...MESSAGES],
    stream: true,
  });
  let chunks = 0;
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta.content) chunks += 1;
    if (chunks === 5) break;
  }
  await emulator.requests[0]?.aborted;
  await untilNothingIsHeld();
  const { postedCredits } = await server.balanceOf(user.userId);
  assert.ok(postedCredits < OPENING && postedCredits > OPENING - 300, `${postedCredits} are left`);
});

test('a provider that breaks off ends the stream with an error event', async () => {
  emulator.behave({ words: 20, fault: { kind: 'cut', afterChunks: 4 } });
  const stream = await client.chat.completions.create({
    model: 'gpt',
    messages: [...MESSAGES],
    stream: true,
  });
  await assert.rejects(async () => {
    for await (const _ of stream);
  }, /stopped before its reply was complete/);
});

test('a wrong key, an unknown model, the other API or no balance: nothing is charged', async () => {
  const ask = (it: OpenAI, model: string) =>
    it.chat.completions.create({ model, messages: [...MESSAGES] });
  await assert.rejects(ask(clientWith('chit_wrong'), 'gpt'), OpenAI.AuthenticationError);
  await assert.rejects(ask(clientWith(user.access), 'gpt'), OpenAI.AuthenticationError);
  await assert.rejects(ask(client, 'gtp'), OpenAI.NotFoundError);
  await assert.rejects(ask(client, 'claude'), OpenAI.BadRequestError);
  const { ledger, now } = server.chit.context;
  const ids = { transferId: `poor-${user.userId}`, accountId: user.userId, credits: -3_990 };
  const why = { actor: 'test', reason: 'test', idempotency: undefined, atMs: now() };
  await ledger.submit({ kind: 'grant', ...ids, ...why });
  await assert.rejects(ask(client, 'gpt'), (error) => {
    assert.ok(error instanceof OpenAI.APIError);
    assert.equal(error.status, 402);
    assert.equal(error.code, 'insufficient_quota');
    assert.match(error.message, /needs \d+ tokens, but only 10 of your balance are available/);
    return true;
  });
  assert.equal(emulator.requests.length, 0);
  await assertCharged(3_990);
});

test("a provider's error is passed on in its own words", async () => {
  emulator.behave({ refuse: { status: 400, message: 'Too long by a mile.' } });
  await assert.rejects(
    client.chat.completions.create({ model: 'gpt', messages: [...MESSAGES] }),
    /Too long by a mile/,
  );
  emulator.behave({ refuse: { status: 401, message: 'Incorrect API key sk-emulated.' } });
  await assert.rejects(
    client.chat.completions.create({ model: 'gpt', messages: [...MESSAGES] }),
    (error) =>
      error instanceof OpenAI.APIError && error.status === 502 && !/sk-/.test(error.message),
  );
  await assertCharged(0);
});

test('the list has the models of this API that the key may use, and each is found', async () => {
  assert.deepEqual(
    (await client.models.list()).data.map(({ id }) => id),
    ['gpt', 'vendor/gpt', 'blind', 'searching'],
  );
  const { key } = await server.newUser({ models: ['claude', 'vendor/gpt'] });
  const other = clientWith(key);
  assert.deepEqual(
    (await other.models.list()).data.map(({ id }) => id),
    ['vendor/gpt'],
  );
  assert.equal((await other.models.retrieve('vendor/gpt')).id, 'vendor/gpt');
  const headers = { authorization: `Bearer ${key}` };
  const unescaped = await fetch(`${server.url}/v1/models/vendor/gpt`, { headers });
  assert.equal(unescaped.status, 200);
  for (const name of ['gpt', 'claude', 'none']) {
    await assert.rejects(other.models.retrieve(name), OpenAI.NotFoundError, name);
  }
  const asked = other.chat.completions.create({ model: 'gpt', messages: [...MESSAGES] });
  await assert.rejects(asked, OpenAI.NotFoundError);
});

test('text is completed, streamed and not', async () => {
  emulator.behave({ text: 'Zwölf 👊 Boxkämpfer', usage: USAGE });
  const asked = { model: 'gpt', prompt: 'Wer jagt?', max_tokens: 100 };
  const answer = await client.completions.create(asked);
  assert.equal(answer.choices[0]?.text, 'Zwölf 👊 Boxkämpfer');
  assert.equal(answer.usage?.total_tokens, 42);
  for (const asksForUsage of [true, false]) {
    const options = asksForUsage ? { stream_options: { include_usage: true } } : {};
    const stream = await client.completions.create({ ...asked, ...options, stream: true });
    let text = '';
    let usages = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.text ?? '';
      if (chunk.usage) usages += 1;
    }
    assert.equal(text, 'Zwölf 👊 Boxkämpfer');
    assert.equal(usages, asksForUsage ? 1 : 0);
  }
  await assertCharged(3 * COST);
});

test('completions write 16 tokens unless more is asked for, for each text of each prompt', async () => {
  emulator.behave({ usage: USAGE });
  const prompt = ['Wer jagt?', 'Wen?'];
  await client.completions.create({ model: 'gpt', prompt, n: 2, best_of: 3 });
  assert.equal((emulator.requests[0]?.json as { max_tokens: number }).max_tokens, 16);
  const { ledger, now } = server.chit.context;
  const credits = -(OPENING - COST - 100);
  const ids = { transferId: `poor-${user.userId}`, accountId: user.userId, credits };
  const why = { actor: 'test', reason: 'test', idempotency: undefined, atMs: now() };
  await ledger.submit({ kind: 'grant', ...ids, ...why });
  // Six texts of 16 tokens at two credits each, or two of them.
  const six = client.completions.create({ model: 'gpt', prompt, n: 2, best_of: 3 });
  await assert.rejects(six, /402 This request needs 19\d tokens, but only 100/);
  await client.completions.create({ model: 'gpt', prompt });
});

test('counting tokens is free and asks no provider', async () => {
  const asked = { model: 'gpt', input: 'Wer jagt?', instructions: 'Auf Deutsch.' };
  const { input_tokens } = await client.responses.inputTokens.count(asked);
  assert.ok(input_tokens > 4 && input_tokens < 14, `${input_tokens}`);
  assert.equal(emulator.requests.length, 0);
  await assertCharged(0);
});
