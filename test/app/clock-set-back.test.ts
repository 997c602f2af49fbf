/** The clock of the machine is set back an hour: no cache and no limit lasts an hour longer. */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deleteApiKey } from '../../src/app/accounts/api-keys.ts';
import { Authenticator } from '../../src/app/accounts/authenticate.ts';
import { KeyAuthenticator } from '../../src/app/accounts/authenticate-key.ts';
import { stopReply } from '../../src/app/chat/stop-reply.ts';
import { UsageLimits } from '../../src/app/metering/usage-limits.ts';
import { hasCode } from '../../src/core/errors.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { setActive } from '../support/chit.ts';
import { type ModelServer, startModelServer } from '../support/model-server.ts';
import { script, scriptedModel } from '../support/scripted-model.ts';

const HOUR_MS = 3_600_000;
let server: ModelServer;
before(async () => {
  server = await startModelServer([scriptedModel(flatPrice(100))], { CHIT_LEASE_SECONDS: '1' });
});
after(() => server.close());

/** Sets the clock of the machine, and that of the program, which is the same. */
function setBack(t: TestContext): void {
  const now = Date.now.bind(Date);
  t.mock.method(Date, 'now', () => now() - HOUR_MS);
  Object.assign(server.chit.context, { now: () => Date.now() });
  t.after(() => Object.assign(server.chit.context, { now }));
}

/** As when so much time has passed since. */
function letTimePass(t: TestContext, byMs: number): void {
  const now = performance.now.bind(performance);
  t.mock.method(performance, 'now', () => now() + byMs);
}

test('a disabled user is out after a second', async (t) => {
  const { userId, access } = await server.newUser();
  const authenticator = new Authenticator(server.chit.context);
  assert.equal((await authenticator.userOf(access)).id, userId);
  await setActive(server.chit, userId, false);
  setBack(t);
  letTimePass(t, 1_001);
  await assert.rejects(
    async () => authenticator.userOf(access),
    (error) => hasCode(error, 'user_inactive'),
  );
});

test('a deleted API key is out after a second', async (t) => {
  const { userId, key, keyId } = await server.newUser();
  const authenticator = new KeyAuthenticator(server.chit.context);
  assert.equal((await authenticator.ownerOf(key)).user.id, userId);
  await deleteApiKey(server.chit.context, userId, keyId);
  setBack(t);
  letTimePass(t, 1_001);
  await assert.rejects(
    async () => authenticator.ownerOf(key),
    (error) => hasCode(error, 'api_key_invalid'),
  );
});

test('the last use of an API key is noted', async (t) => {
  const { userId, key } = await server.newUser();
  await new KeyAuthenticator(server.chit.context).ownerOf(key);
  setBack(t);
  await new KeyAuthenticator(server.chit.context).ownerOf(key);
  const [stored] = await server.chit.context.apiKeys.of(userId);
  assert.ok(Math.abs((stored?.lastUsedAtMs ?? 0) - Date.now()) < 60_000);
});

test('a rate limit names no longer wait than its window', async (t) => {
  const limits = { requestsPerMinute: 1, concurrentGenerations: 0, usageTokensPerMinute: 0 };
  const usage = new UsageLimits({ account: limits, key: limits });
  const caller = { accountId: 1, apiKeyId: undefined };
  (await usage.admit(caller)).end(0);
  setBack(t);
  await assert.rejects(
    async () => usage.admit(caller),
    (error) => hasCode(error, 'rate_limited') && error.details.retryAfterSeconds <= 60,
  );
});

test('who waits for a reply to stop is told after the lease', async (t) => {
  const { userId } = await server.newUser();
  const { context } = server.chit;
  const content = script({ hang: true });
  const { completeChat } = await import('../../src/app/chat/complete-chat.ts');
  const chat = completeChat(context, { userId, content, idempotency: undefined });
  chat.catch(() => undefined);
  let id: string | undefined;
  for (let tries = 0; id === undefined; tries += 1) {
    assert.ok(tries < 6_000);
    await sleep(5);
    [id] = context.generations.ids;
  }
  // As if another server were running it, and did not react.
  t.mock.method(context.generations, 'stop', () => false);
  const find = context.messages.find.bind(context.messages);
  let reads = 0;
  t.mock.method(context.messages, 'find', (...of: Parameters<typeof find>) => {
    reads += 1;
    // It is waiting by now.
    if (reads === 3) letTimePass(t, 6_001);
    return find(...of);
  });
  setBack(t);
  const stopped = stopReply(context, userId, id);
  await assert.rejects(stopped, (error) => hasCode(error, 'ledger_unavailable'));
  context.generations.stopMany([id], 'stopped');
  await assert.rejects(chat);
});
