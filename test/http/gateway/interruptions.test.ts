/** Whatever interrupts a stream under `/v1/` is told in the shape of its API, and charged once. */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { request as openRequest, type ServerResponse } from 'node:http';
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApiKey, deleteApiKey } from '../../../src/app/accounts/api-keys.ts';
import { stopUnwanted } from '../../../src/app/metering/stop-unwanted.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { faultsOf, setActive } from '../../support/chit.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { assertPublished } from '../../support/published/check.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

const MESSAGES = [{ role: 'user', content: 'Hello?' }];
const WIRES = {
  '/v1/chat/completions': { model: 'gpt', messages: MESSAGES, max_tokens: 900 },
  '/v1/responses': { model: 'gpt', input: 'Hello?', max_output_tokens: 900 },
  '/v1/messages': { model: 'claude', messages: MESSAGES, max_tokens: 900 },
} as const;
/** For what is longer than any answer: a stream that passes its limit is cut. */
const LONG = { model: 'long', max_tokens: 100_000_000 };
const CHARGED = { postedCredits: 3_900, heldCredits: 0 };
const HOUR_MS = 3_600_000;
const IS_END = /\[DONE\]|message_stop|response\.completed/;

let emulator: ProviderEmulator;
let server: ModelServer;
let user: { readonly userId: number; readonly key: string; readonly keyId: string };

before(async () => {
  emulator = await startProviderEmulator();
  const price = flatPrice(100);
  server = await startModelServer(
    [
      modelAt(providerAt(emulator, 'openai', { idleTimeoutMs: 60_000 }), 'gpt', { price }),
      modelAt(providerAt(emulator, 'anthropic', { idleTimeoutMs: 60_000 }), 'claude', { price }),
      modelAt(providerAt(emulator, 'openai', { idleTimeoutMs: 60_000 }), 'long', {
        price,
        contextTokens: undefined,
        outputTokens: LONG.max_tokens,
      }),
    ],
    { CHIT_READER_TIMEOUT_SECONDS: '1' },
  );
});
beforeEach(async () => {
  emulator.reset();
  const { userId } = await server.newUser();
  const { key, apiKey } = await createApiKey(server.chit.context, {
    userId,
    name: 'for an hour',
    models: undefined,
    budgetCredits: undefined,
    expiresAtMs: Date.now() + HOUR_MS,
  });
  user = { userId, key, keyId: apiKey.id };
});
after(async () => {
  assert.deepEqual(await faultsOf(server.chit), []);
  await server.close();
  await emulator.close();
});

const post = (path: string, body: object) =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, stream: true }),
  });

/** What ends a stream, and what its reader is told. */
const CAUSES: Record<
  string,
  { readonly act: (t: TestContext) => Promise<void>; readonly told: RegExp }
> = {
  'the API key is deleted': {
    act: async () => {
      await deleteApiKey(server.chit.context, user.userId, user.keyId);
    },
    told: /The API key was deleted or has expired/,
  },
  'the API key is deleted by another server': {
    act: async () => {
      const { apiKeys, now } = server.chit.context;
      await apiKeys.end(user.userId, user.keyId, now());
      await stopUnwanted(server.chit.context);
    },
    told: /The API key was deleted or has expired/,
  },
  'the API key expires': {
    act: async (t) => {
      const { context } = server.chit;
      await stopUnwanted(context);
      assert.equal(context.generations.find(context.generations.ids[0] ?? '')?.isEnded, false);
      t.mock.method(context, 'now', () => Date.now() + 2 * HOUR_MS);
      await stopUnwanted(context);
    },
    told: /The API key was deleted or has expired/,
  },
  'the user is disabled': {
    act: async () => {
      await setActive(server.chit, user.userId, false);
      await stopUnwanted(server.chit.context);
    },
    told: /The account was disabled/,
  },
  'the lease is lost': {
    act: async () => {
      const { generations } = server.chit.context;
      generations.stopMany(generations.ids, 'server_lost');
    },
    told: /The server was interrupted while the model was replying.*100 tokens were charged/,
  },
};

for (const [path, body] of Object.entries(WIRES)) {
  describe(path, () => {
    for (const [name, { act, told }] of Object.entries(CAUSES)) {
      test(`${name}: an error event, and what was delivered is charged`, async (t) => {
        emulator.behave({ words: 50, fault: { kind: 'hang', afterChunks: 3 } });
        const response = await post(path, body);
        const decoder = new TextDecoder();
        let text = '';
        let hasActed = false;
        for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
          text += decoder.decode(chunk, { stream: true });
          if (hasActed || !text.includes('Grüße')) continue;
          hasActed = true;
          await act(t);
        }
        assert.match(text, told);
        const headers = Object.fromEntries(response.headers);
        const family = path === '/v1/messages' ? 'anthropic' : 'openai';
        assertPublished(family, path, { status: 200, headers, text });
        assert.doesNotMatch(text, IS_END);
        if (path === '/v1/chat/completions') {
          const last = JSON.parse(/data: (.*)\n\n$/.exec(text)?.[1] ?? '{}') as { error?: object };
          assert.ok(last.error);
        } else {
          assert.match(text, /event: error\ndata: \{"type":"error",.*\}\n\n$/);
        }
        assert.deepEqual(await server.balanceOf(user.userId), CHARGED);
      });
    }
  });
}

test('a client that takes nothing is cut off, and charged for what was delivered', async () => {
  // More than the buffers of both sockets take.
  emulator.behave({ text: `${'x'.repeat(100_000)} `.repeat(400), ignoresLimit: true });
  const outgoing = openRequest(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' },
    agent: false,
  });
  outgoing.on('error', () => undefined);
  outgoing.end(JSON.stringify({ ...WIRES['/v1/chat/completions'], ...LONG, stream: true }));
  const [incoming] = await once(outgoing, 'response');
  incoming.on('error', () => undefined);
  incoming.pause();
  for (const endMs = performance.now() + 60_000; ; ) {
    const { heldCredits, postedCredits } = await server.balanceOf(user.userId);
    if (heldCredits === 0 && postedCredits === 3_900) break;
    assert.ok(performance.now() < endMs, 'its credits stay held');
    await sleep(50);
  }
  const page = { beforeNumber: undefined, limit: 1 };
  const [line] = await server.chit.context.transfers.statement(user.userId, page);
  const message = await server.chit.context.messages.find(user.userId, line?.messageId ?? '');
  assert.equal(message?.status, 'incomplete');
  assert.equal(message?.failure, 'stopped');
  outgoing.destroy();
});

test('so is one that takes nothing of a response that is complete', async (t) => {
  emulator.behave({ text: `${'x'.repeat(100_000)} `.repeat(200), ignoresLimit: true });
  const responses: ServerResponse[] = [];
  // The first is the one to the client; the emulator in this process answers as well.
  const onRequest = (message: unknown) => {
    responses.push((message as { readonly response: ServerResponse }).response);
  };
  subscribe('http.server.request.start', onRequest);
  t.after(() => unsubscribe('http.server.request.start', onRequest));
  const outgoing = openRequest(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' },
    agent: false,
  });
  outgoing.on('error', () => undefined);
  outgoing.end(JSON.stringify(WIRES['/v1/chat/completions']));
  const [incoming] = await once(outgoing, 'response');
  incoming.on('error', () => undefined);
  incoming.pause();
  const [response] = responses;
  assert.ok(response);
  for (const endMs = performance.now() + 60_000; !response.destroyed; ) {
    assert.ok(performance.now() < endMs, 'its connection stays open');
    await sleep(50);
  }
  assert.equal(response.writableFinished, false);
  assert.deepEqual(await server.balanceOf(user.userId), CHARGED);
  outgoing.destroy();
});
