/** Rate limits of accounts and keys: refused before any charge, with Retry-After. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { UsageLimits } from '../../../src/app/metering/usage-limits.ts';
import { NO_LIMITS } from '../../../src/core/deployment.ts';
import { hasCode } from '../../../src/core/errors.ts';
import { getWith, postJson } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

const USAGE = { inputTokens: 10, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 20 };

let emulator: ProviderEmulator;
let server: ModelServer;

before(async () => {
  emulator = await startProviderEmulator({ key: 'sk-emulated' });
});
beforeEach(() => {
  emulator.reset();
  emulator.behave({ text: 'Hello', usage: USAGE });
});
after(() => emulator.close());

async function serverWith(settings: Record<string, string>): Promise<void> {
  server = await startModelServer(
    [
      modelAt(providerAt(emulator, 'openai'), 'gpt'),
      modelAt(providerAt(emulator, 'anthropic'), 'claude'),
    ],
    settings,
  );
}

type User = Awaited<ReturnType<ModelServer['newUser']>>;
const BODY = { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 20 };
const askOpenAi = ({ key }: User) =>
  postJson(`${server.url}/v1/chat/completions`, { ...BODY, model: 'gpt' }, key);
const askAnthropic = ({ key }: User) =>
  postJson(`${server.url}/v1/messages`, { ...BODY, model: 'claude' }, key);
const chat = ({ access }: User) =>
  postJson(`${server.url}/api/chat/`, { message: 'Hi', model: 'gpt' }, access);

describe('requests per minute', () => {
  before(() => serverWith({ CHIT_REQUESTS_PER_MINUTE: '2' }));
  after(() => server.close());

  test('count over all APIs; each reports the limit in its own format, and nothing is charged', async () => {
    const user = await server.newUser();
    const first = await chat(user);
    assert.equal(first.status, 200);
    assert.equal(first.headers['ratelimit-policy'], '"account-requests";q=2;w=60');
    assert.equal(first.headers.ratelimit, '"account-requests";r=1;t=60');
    assert.equal((await askOpenAi(user)).status, 200);
    const { postedCredits } = await server.balanceOf(user.userId);

    const refused = [await chat(user), await askOpenAi(user), await askAnthropic(user)];
    for (const { status, headers } of refused) {
      assert.equal(status, 429);
      assert.match(headers['retry-after'] ?? '', /^[1-6]\d?$/);
      assert.match(String(headers.ratelimit), /^"account-requests";r=0;t=\d+$/);
    }
    const [ours, openAi, anthropic] = refused.map(({ json }) => json);
    assert.match((ours as { detail: string }).detail, /is limited to 2 requests per minute/);
    assert.equal((openAi as { error: { code: string } }).error.code, 'rate_limit_exceeded');
    assert.equal((anthropic as { error: { type: string } }).error.type, 'rate_limit_error');
    assert.equal(emulator.requests.length, 2);
    assert.deepEqual(await server.balanceOf(user.userId), { postedCredits, heldCredits: 0 });
  });

  test('are counted per account; reading is not limited', async () => {
    const [one, other] = [await server.newUser(), await server.newUser()];
    for (const user of [one, one, other]) assert.equal((await chat(user)).status, 200);
    assert.equal((await chat(one)).status, 429);
    assert.equal((await getWith(`${server.url}/api/tokens/`, one.access)).status, 200);
  });

  test('exactly the limit is admitted out of many concurrent requests', async () => {
    const user = await server.newUser();
    const answers = await Promise.all(Array.from({ length: 30 }, () => chat(user)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 2);
  });
});

describe('concurrent generations', () => {
  before(() => serverWith({ CHIT_CONCURRENT_GENERATIONS: '2' }));
  after(() => server.close());

  test('are limited, and the next one may start when one has ended', async () => {
    const user = await server.newUser();
    // Slow enough that all ten are asked before the first reply ends, also on a busy machine.
    emulator.behave({ text: 'one two three', usage: USAGE, chunkDelayMs: 700 });
    const answers = await Promise.all(Array.from({ length: 10 }, () => chat(user)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 2);
    const refused = answers.find(({ status }) => status === 429);
    assert.equal(refused?.headers['retry-after'], '1');
    emulator.behave({ text: 'one two three', usage: USAGE });
    assert.equal((await chat(user)).status, 200);
  });

  test('failed requests stop counting', async () => {
    const user = await server.newUser();
    emulator.behave({ refuse: { status: 400 } });
    for (let count = 0; count < 5; count += 1) assert.equal((await chat(user)).status, 400);
  });
});

describe('usage tokens per minute', () => {
  before(() => serverWith({ CHIT_USAGE_TOKENS_PER_MINUTE: '50' }));
  after(() => server.close());

  test('count input and output, but not failed requests', async () => {
    const user = await server.newUser();
    emulator.behave({ refuse: { status: 400 } });
    for (let count = 0; count < 3; count += 1) assert.equal((await chat(user)).status, 400);
    emulator.behave({ text: 'Hello', usage: USAGE });
    assert.equal((await chat(user)).status, 200);
    assert.equal((await chat(user)).status, 200);
    const refused = await chat(user);
    assert.equal(refused.status, 429);
    assert.match(String(refused.headers.ratelimit), /^"account-usage-tokens";r=0;t=\d+$/);
  });
});

test('a request refused by one limit does not count for the other', async () => {
  const limits = new UsageLimits({
    account: { ...NO_LIMITS, requestsPerMinute: 3, concurrentGenerations: 5 },
    key: { ...NO_LIMITS, requestsPerMinute: 1 },
  });
  const withKey = { accountId: 1, apiKeyId: 'key' };
  const withoutKey = { accountId: 1, apiKeyId: undefined };
  (await limits.admit(withKey)).end(0);
  for (let count = 0; count < 10; count += 1) {
    await assert.rejects(
      async () => limits.admit(withKey),
      (error) =>
        hasCode(error, 'rate_limited') &&
        error.details.exceeded.who === 'key' &&
        error.details.retryAfterSeconds <= 60,
    );
  }
  for (let count = 0; count < 2; count += 1) {
    const { states } = await limits.admit(withoutKey);
    // The admitted ones are still running; nothing of the refused ones is.
    assert.equal(states.find(({ what }) => what === 'generations')?.remaining, 4 - count);
  }
  await assert.rejects(async () => limits.admit(withoutKey));
});

test('the first text of a minute is counted however long it is, then none', async () => {
  const limits = new UsageLimits({ account: NO_LIMITS, key: NO_LIMITS });
  const first = await limits.admitCount(1, 1_000_000_000);
  assert.deepEqual([first.quota, first.remaining], [100, 0]);
  const isRefused = (error: unknown) => hasCode(error, 'rate_limited');
  await assert.rejects(limits.admitCount(1, 1), isRefused);
  await limits.admitCount(2, 1);
  await assert.rejects(limits.admitCount(2, 1_000_000_000), isRefused);
});
