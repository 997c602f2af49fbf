/** Retries of clients, ours and fallbacks together ask providers at most three times per turn. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

let first: ProviderEmulator;
let second: ProviderEmulator;
let server: ModelServer;
let user: Awaited<ReturnType<ModelServer['newUser']>>;

before(async () => {
  first = await startProviderEmulator();
  second = await startProviderEmulator();
});
after(async () => {
  await first.close();
  await second.close();
});
beforeEach(async () => {
  first.reset();
  second.reset();
  // A server for each test, since endpoints that failed in one would rest in the next.
  const dear = { name: 'second' };
  server = await startModelServer([
    modelAt(providerAt(first, 'openai'), 'gpt', { fallbacks: ['other'] }),
    modelAt(providerAt(second, 'openai', dear), 'other'),
    modelAt(providerAt(first, 'openai'), 'alone'),
    modelAt(providerAt(first, 'anthropic'), 'claude'),
  ]);
  user = await server.newUser();
});
afterEach(() => server.close());

const HELLO = [{ role: 'user' as const, content: 'Hello' }];
/** With the retries that the SDK makes by default. */
const openai = () => new OpenAI({ apiKey: user.key, baseURL: `${server.url}/v1` });
const asked = () => first.requests.length + second.requests.length;
const isSpent = (error: unknown) =>
  error instanceof OpenAI.APIError && error.headers?.get('x-should-retry') === 'false';

for (const stream of [false, true]) {
  test(`OpenAI's SDK gets one failure after three requests, stream: ${stream}`, async () => {
    first.behave({ refuse: { status: 500 } });
    const asking = openai().chat.completions.create({ model: 'alone', messages: HELLO, stream });
    await assert.rejects(asking, isSpent);
    assert.equal(asked(), 3);
    const { postedCredits, heldCredits } = await server.balanceOf(user.userId);
    assert.deepEqual([postedCredits, heldCredits], [4_000, 0]);
  });
}

test("Anthropic's SDK gets one failure after three requests", async () => {
  first.behave({ refuse: { status: 529 } });
  const anthropic = new Anthropic({ apiKey: user.key, baseURL: server.url });
  const asking = anthropic.messages.create({ model: 'claude', max_tokens: 10, messages: HELLO });
  await assert.rejects(asking, Anthropic.APIError);
  assert.equal(asked(), 3);
});

test('a fallback is asked within the three', async () => {
  first.behave({ refuse: { status: 500 } });
  second.behave({ refuse: { status: 500 } });
  const asking = openai().chat.completions.create({ model: 'gpt', messages: HELLO });
  await assert.rejects(asking, isSpent);
  assert.equal(first.requests.length, 2);
  assert.equal(second.requests.length, 1);
});

test('a retry of the client has what its first request left', async () => {
  first.behave({ refuse: { status: 520 } });
  const asking = openai().chat.completions.create({ model: 'alone', messages: HELLO });
  // 520 is not retried by Chit, so the client does: once, twice.
  await assert.rejects(asking, isSpent);
  assert.equal(first.requests.length, 3);

  const retry = (nth: string) =>
    fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${user.key}`,
        'content-type': 'application/json',
        'x-stainless-retry-count': nth,
      },
      body: JSON.stringify({ model: 'alone', messages: HELLO }),
    });
  // One more retry of the same is answered without asking anybody, and holds nothing.
  const spent = await retry('3');
  assert.deepEqual([spent.status, spent.headers.get('x-should-retry')], [502, 'false']);
  assert.equal(first.requests.length, 3);
  // But what is asked anew is asked.
  first.behave({});
  assert.equal((await retry('0')).status, 200);
  assert.equal(first.requests.length, 4);
});

test('so has a request with the idempotency key of one that failed', async () => {
  first.behave({ refuse: { status: 520 } });
  const ask = (key: string, content = 'Hello') =>
    fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${user.key}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({ model: 'alone', messages: [{ role: 'user', content }] }),
    });
  const answers = [];
  for (let nth = 0; nth < 5; nth += 1) answers.push(await ask('k'));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [502, 502, 502, 502, 502],
  );
  const shouldRetry = answers.map(({ headers }) => headers.get('x-should-retry'));
  assert.deepEqual(shouldRetry, [null, null, 'false', 'false', 'false']);
  assert.equal(first.requests.length, 3);
  // Another key is another turn; and an answer that was given once is given again.
  first.behave({});
  const given = await ask('other');
  assert.equal(given.status, 200);
  assert.equal(first.requests.length, 4);
  assert.equal(await (await ask('other')).text(), await given.text());
  assert.equal(first.requests.length, 4);
  const { heldCredits } = await server.balanceOf(user.userId);
  assert.equal(heldCredits, 0);
});

test('a provider that is only limited may be asked again by the client, at the time it says', async () => {
  first.behaveNext({ refuse: { status: 429, retryAfter: 6 } });
  const limited = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'alone', messages: HELLO }),
  });
  assert.equal(limited.headers.get('chit-error'), 'model_busy');
  assert.equal(limited.headers.get('retry-after'), '6');
  assert.equal(limited.headers.get('x-should-retry'), null);
  assert.equal(first.requests.length, 1);
});
