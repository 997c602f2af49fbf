/** Anthropic's own client, unmodified, against Chit: what it gets, and what that costs. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { faultsOf } from '../../support/chit.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { checkedFetch } from '../../support/published/check.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

const OPENING = 4_000;
const USAGE = { inputTokens: 30, cachedInputTokens: 10, cacheWriteTokens: 0, outputTokens: 12 };
const COST = 20 + 5 + 24;
const REQUEST = {
  model: 'claude',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Wer jagt?' }],
} satisfies Anthropic.MessageCreateParamsNonStreaming;

let emulator: ProviderEmulator;
let server: ModelServer;
let user: Awaited<ReturnType<ModelServer['newUser']>>;
let client: Anthropic;

before(async () => {
  emulator = await startProviderEmulator({ key: 'sk-emulated' });
  server = await startModelServer(
    [
      ...['claude', 'claude-2', 'claude-3'].map((name) =>
        modelAt(providerAt(emulator, 'anthropic'), name),
      ),
      modelAt(providerAt(emulator, 'openai'), 'gpt'),
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

function clientWith(apiKey: string): Anthropic {
  return new Anthropic({
    apiKey,
    baseURL: server.url,
    maxRetries: 0,
    fetch: checkedFetch('anthropic'),
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
  const charged = { postedCredits: OPENING - credits, heldCredits: 0 };
  assert.deepEqual(await server.balanceOf(user.userId), charged);
}

test('what costs more than the price covers is refused before anything is held', async () => {
  const source = { type: 'url', url: 'http://10.0.0.1/x.png' } as const;
  const search = { type: 'web_search_20250305', name: 'web_search' } as const;
  const refused: [object, string][] = [
    [{ tools: [search] }, 'tools[0].type'],
    [{ speed: 'fast' }, 'speed'],
    [{ fallbacks: [{ model: 'dear' }] }, 'fallbacks'],
    [{ max_tokens: '100' }, 'max_tokens'],
    [{ Max_Tokens: 1 }, 'Max_Tokens'],
    [{ messages: [{ role: 'user', content: [{ type: 'image', source }] }] }, 'source.url'],
  ];
  for (const [changed, named] of refused) {
    for (const stream of [false, true]) {
      const asked = client.messages.create({ ...REQUEST, ...changed, stream });
      await assert.rejects(asked, (error: unknown) => {
        assert.ok(error instanceof Anthropic.BadRequestError);
        assert.equal(error.type, 'invalid_request_error');
        return error.message.includes(named);
      });
    }
  }
  assert.equal(emulator.requests.length, 0);
  await assertCharged(0);
});

test('a message is returned and charged', async () => {
  emulator.behave({ text: 'Zwölf 👊 Boxkämpfer', usage: USAGE });
  const message = await client.messages.create(REQUEST);
  assert.deepEqual(
    message.content.map((it) => it.type === 'text' && it.text),
    ['Zwölf 👊 Boxkämpfer'],
  );
  await assertCharged(COST);
});

test('a stream', async () => {
  emulator.behave({ text: 'Zwölf 👊 Boxkämpfer', usage: USAGE, splitBytes: [1, 2, 3] });
  const stream = client.messages.stream(REQUEST);
  assert.equal(await stream.finalText(), 'Zwölf 👊 Boxkämpfer');
  await assertCharged(COST);
});

test('a tool call and its result, with an image', async () => {
  emulator.behave({ usage: USAGE });
  const tools = [{ name: 'weather', input_schema: { type: 'object' as const } }];
  const source = { type: 'base64', media_type: 'image/png', data: 'A'.repeat(5_000) } as const;
  const said = { role: 'user', content: [{ type: 'image', source }] } as const;
  const messages = [{ ...said, content: [...said.content] }];
  const stream = client.messages.stream({ ...REQUEST, messages, tools });
  const first = await stream.finalMessage();
  const call = first.content.find((it) => it.type === 'tool_use');
  assert.ok(call);
  await assertCharged(COST);
  const result = { type: 'tool_result', tool_use_id: call.id, content: 'rain' } as const;
  await client.messages.create({
    ...REQUEST,
    tools,
    messages: [
      ...messages,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [result] },
    ],
  });
  await assertCharged(2 * COST);
});

test('a client that disconnects pays for what was delivered, if nothing is read on', async () => {
  emulator.behave({ words: 500, fault: { kind: 'hang', afterChunks: 12 } });
  const stream = client.messages.stream(REQUEST);
  let pieces = 0;
  stream.on('text', () => {
    pieces += 1;
    if (pieces === 5) stream.abort();
  });
  await assert.rejects(stream.done(), Anthropic.APIUserAbortError);
  await emulator.requests[0]?.aborted;
  await untilNothingIsHeld();
  const { postedCredits } = await server.balanceOf(user.userId);
  assert.ok(postedCredits < OPENING && postedCredits > OPENING - 200, `${postedCredits} are left`);
});

test('a provider that breaks off ends the stream with an error event', async () => {
  emulator.behave({ words: 20, fault: { kind: 'cut', afterChunks: 4 } });
  await assert.rejects(
    client.messages.stream(REQUEST).finalText(),
    /stopped before its reply was complete/,
  );
});

test('a wrong key, an unknown model, the other API or no balance: nothing is charged', async () => {
  const ask = (it: Anthropic, model: string) => it.messages.create({ ...REQUEST, model });
  await assert.rejects(ask(clientWith('chit_wrong'), 'claude'), Anthropic.AuthenticationError);
  await assert.rejects(ask(client, 'cloud'), Anthropic.NotFoundError);
  await assert.rejects(ask(client, 'gpt'), Anthropic.BadRequestError);
  const { ledger, now } = server.chit.context;
  const ids = { transferId: `poor-${user.userId}`, accountId: user.userId, credits: -3_990 };
  const why = { actor: 'test', reason: 'test', idempotency: undefined, atMs: now() };
  await ledger.submit({ kind: 'grant', ...ids, ...why });
  await assert.rejects(ask(client, 'claude'), (error) => {
    assert.ok(error instanceof Anthropic.APIError);
    assert.equal(error.status, 402);
    assert.match(error.message, /needs \d+ tokens, but only 10 of your balance are available/);
    return true;
  });
  assert.equal(emulator.requests.length, 0);
  await assertCharged(3_990);
});

test('counting tokens is free and asks no provider', async () => {
  const { model, messages } = REQUEST;
  const { input_tokens } = await client.messages.countTokens({ model, messages });
  assert.ok(input_tokens > 2 && input_tokens < 10);
  assert.equal(emulator.requests.length, 0);
  await assertCharged(0);
});

test('the list has all models of this API, page by page in both directions', async () => {
  const names = ['claude', 'claude-2', 'claude-3'];
  for (const limit of [1, 2, 3]) {
    const listed = [];
    for await (const { id } of client.models.list({ limit })) listed.push(id);
    assert.deepEqual(listed, names, `${limit} a page`);
  }
  const first = await client.models.list({ limit: 2 });
  assert.deepEqual([first.first_id, first.last_id, first.has_more], ['claude', 'claude-2', true]);
  const before = [];
  for await (const { id } of client.models.list({ limit: 1, before_id: 'claude-3' })) {
    before.push(id);
  }
  assert.deepEqual(before, ['claude-2', 'claude']);
  assert.deepEqual((await client.models.list({ after_id: 'claude-3' })).data, []);
  await assert.rejects(client.models.list({ limit: 0 }), /limit: Give a whole number/);
  await assert.rejects(client.models.list({ after_id: 'gpt' }), /after_id: There is no model/);
});

test('a model of this API is found, others are not', async () => {
  const { id, display_name, max_tokens } = await client.models.retrieve('claude');
  assert.deepEqual([id, display_name, max_tokens], ['claude', 'claude', 1_000]);
  for (const name of ['gpt', 'none']) {
    await assert.rejects(client.models.retrieve(name), Anthropic.NotFoundError, name);
  }
});
