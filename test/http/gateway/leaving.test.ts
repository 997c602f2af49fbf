/** A client that leaves pays what the provider reports soon after, else what it was delivered. */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import {
  type ClientRequest,
  type IncomingMessage,
  request as openRequest,
  type ServerResponse,
} from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { countTokens } from '../../../src/models/counting/count-tokens.ts';
import { faultsOf } from '../../support/chit.ts';
import {
  type DrivenProvider,
  type DrivenRequest,
  startDrivenProvider,
} from '../../support/driven-provider.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';
import { WIRE_EVENTS } from '../../support/wire-events.ts';

const OPENING = 4_000;
const MESSAGES = [{ role: 'user', content: 'Hello?' }];
const BODIES: Readonly<Record<string, object>> = {
  '/v1/chat/completions': { model: 'gpt', messages: MESSAGES, max_tokens: 1_000 },
  '/v1/responses': { model: 'gpt', input: 'Hello?', max_output_tokens: 1_000 },
  '/v1/messages': { model: 'claude', messages: MESSAGES, max_tokens: 1_000 },
};
/** What the provider bills, most of it hidden: a token of input costs 1, one of output 2. */
const BILLED = { input: 20, output: 908 };
const COST = 20 + 2 * 908;

let provider: DrivenProvider;
let server: ModelServer;
let user: { readonly userId: number; readonly key: string; readonly keyId: string };

before(async () => {
  provider = await startDrivenProvider();
  const patience = { headersTimeoutMs: 30_000, idleTimeoutMs: 30_000 };
  server = await startModelServer(
    [
      modelAt(providerAt(provider, 'openai', patience), 'gpt', { fallbacks: ['other'] }),
      modelAt(providerAt(provider, 'openai', patience), 'other'),
      modelAt(providerAt(provider, 'anthropic', patience), 'claude'),
    ],
    {},
    { areAnswersOdd: true },
  );
});
beforeEach(async () => {
  Object.assign(server.chit.context.policy, { readOnMs: 30_000 });
  user = await server.newUser();
});
after(async () => {
  assert.deepEqual(await faultsOf(server.chit), []);
  await server.close();
  await provider.close();
});

/** A client that has asked, and the provider's side of it. */
interface Asked {
  readonly outgoing: ClientRequest;
  readonly upstream: DrivenRequest;
  /** What the client has received. */
  received: string;
}

async function ask(path: string, stream: boolean, key?: string): Promise<Asked> {
  const headers = {
    authorization: `Bearer ${user.key}`,
    'content-type': 'application/json',
    ...(key ? { 'idempotency-key': key } : {}),
  };
  const outgoing = openRequest(`${server.url}${path}`, { method: 'POST', headers, agent: false });
  outgoing.on('error', () => undefined);
  outgoing.end(JSON.stringify({ ...BODIES[path], stream }));
  const asked: Asked = { outgoing, upstream: await provider.next(), received: '' };
  outgoing.on('response', (response: IncomingMessage) => {
    response.setEncoding('utf8');
    response.on('error', () => undefined);
    response.on('data', (part: string) => {
      asked.received += part;
      outgoing.emit('part');
    });
  });
  return asked;
}

/** Resolves once the client has received so much. */
async function received(asked: Asked, part: string): Promise<void> {
  while (!asked.received.includes(part)) await once(asked.outgoing, 'part');
}

/** Lets the client leave, and resolves when the server has noticed. */
async function leave({ outgoing }: Asked): Promise<void> {
  const { generations } = server.chit.context;
  const [id = ''] = generations.ids;
  outgoing.destroy();
  const endMs = performance.now() + 30_000;
  for (let it = generations.find(id); it && !it.isReadOn; it = generations.find(id)) {
    assert.ok(performance.now() < endMs, 'the server does not notice');
    await sleep(1);
  }
}

/** The only charge once nothing runs, and its message; undefined if nothing was charged. */
async function booked() {
  const { generations, transfers, messages } = server.chit.context;
  await generations.idle();
  const page = { beforeNumber: undefined, limit: 5 };
  const lines = await transfers.statement(user.userId, page);
  const charges = lines.filter(({ kind }) => kind === 'charge');
  assert.ok(charges.length <= 1);
  const [line] = charges;
  assert.deepEqual(await server.balanceOf(user.userId), {
    postedCredits: OPENING + (line?.credits ?? 0),
    heldCredits: 0,
  });
  if (!line) return undefined;
  const message = await messages.find(user.userId, line.messageId ?? '');
  return { charged: -line.credits, usage: line.usage, message };
}

async function assertUsageCharged(reply: string): Promise<void> {
  const { charged, usage, message } = (await booked()) ?? {};
  assert.equal(charged, COST);
  assert.equal(usage?.source, 'provider');
  assert.equal(message?.status, 'incomplete');
  assert.equal(message?.failure, 'stopped');
  assert.equal(message?.reply, reply);
}

async function assertCounted(): Promise<void> {
  const { charged = 0, usage, message } = (await booked()) ?? {};
  assert.equal(usage?.source, 'counted');
  assert.equal(message?.reply, 'Hello');
  assert.equal(message?.failure, 'stopped');
  const input = usage?.input ?? 0;
  assert.equal(charged, input + 2 * (await countTokens('Hello')));
}

for (const [path, wire] of Object.entries(WIRE_EVENTS)) {
  describe(`${path}, a stream`, () => {
    test('left before its first byte: the usage', async () => {
      const asked = await ask(path, true);
      await leave(asked);
      asked.upstream.end(wire.opening + wire.word('Hello') + wire.finish + wire.ending(BILLED));
      await assertUsageCharged('');
      assert.equal(asked.received, '');
    });

    test('left in the middle: the usage, and the reply is what was delivered', async () => {
      const asked = await ask(path, true);
      asked.upstream.write(wire.opening + wire.word('Hello'));
      await received(asked, 'Hello');
      await leave(asked);
      asked.upstream.write(wire.word(' and more'));
      asked.upstream.end(wire.finish + wire.ending(BILLED));
      await assertUsageCharged('Hello');
      assert.equal(wire.wordsIn(asked.received), 'Hello');
    });

    test('left at the reason of its end, before its usage: the usage', async () => {
      const asked = await ask(path, true);
      asked.upstream.write(wire.opening + wire.word('Hello') + wire.finish);
      await received(asked, wire.finish);
      await leave(asked);
      asked.upstream.end(wire.ending(BILLED));
      await assertUsageCharged('Hello');
    });

    test('the provider ends without usage: a count of what was delivered', async () => {
      const asked = await ask(path, true);
      asked.upstream.write(wire.opening + wire.word('Hello'));
      await received(asked, 'Hello');
      await leave(asked);
      asked.upstream.end(wire.word(' and more') + wire.finish + wire.ending(undefined));
      await assertCounted();
    });

    test('the usage does not come in time: the same, and the provider is aborted', async () => {
      Object.assign(server.chit.context.policy, { readOnMs: 20 });
      const asked = await ask(path, true);
      asked.upstream.write(wire.opening + wire.word('Hello'));
      await received(asked, 'Hello');
      await leave(asked);
      asked.upstream.write(wire.word(' and more'));
      await asked.upstream.closed;
      assert.ok(asked.upstream.isAborted);
      await assertCounted();
    });
  });

  describe(`${path}, a whole answer`, () => {
    test('left before it came: the usage, and no reply is kept', async () => {
      const asked = await ask(path, false);
      await leave(asked);
      asked.upstream.end(wire.whole('Hello', BILLED));
      await assertUsageCharged('');
    });

    test('left, and no usage is told: nothing', async () => {
      const asked = await ask(path, false);
      await leave(asked);
      asked.upstream.end(wire.whole('Hello', undefined));
      assert.equal(await booked(), undefined);
    });

    test('left, and it does not come in time: nothing, and the provider is aborted', async () => {
      Object.assign(server.chit.context.policy, { readOnMs: 20 });
      const asked = await ask(path, false);
      await leave(asked);
      await asked.upstream.closed;
      assert.ok(asked.upstream.isAborted);
      assert.equal(await booked(), undefined);
    });
  });
}

test('after its client has left, a request that fails is not sent again', async () => {
  const asked = await ask('/v1/chat/completions', true);
  await leave(asked);
  asked.upstream.cut();
  assert.equal(await booked(), undefined);
  assert.equal(provider.waiting, 0);
});

test('a whole answer with a key is kept for the retry, whoever has left', async (t) => {
  const [path, wire] = Object.entries(WIRE_EVENTS)[0] ?? assert.fail();
  const responses: ServerResponse[] = [];
  // The first is the one to the client; the provider in this process answers as well.
  const onRequest = (message: unknown) => {
    responses.push((message as { readonly response: ServerResponse }).response);
  };
  subscribe('http.server.request.start', onRequest);
  t.after(() => unsubscribe('http.server.request.start', onRequest));
  const asked = await ask(path, false, 'once');
  const closed = once(responses[0] ?? assert.fail(), 'close');
  asked.outgoing.destroy();
  await closed;
  asked.upstream.end(wire.whole('Hello', BILLED));
  const { charged, message } = (await booked()) ?? {};
  assert.equal(charged, COST);
  assert.equal(message?.status, 'complete');
  const retry = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${user.key}`,
      'content-type': 'application/json',
      'idempotency-key': 'once',
    },
    body: JSON.stringify({ ...BODIES[path], stream: false }),
  });
  assert.equal(retry.headers.get('idempotent-replayed'), 'true');
  assert.equal(wire.wordsIn(await retry.text()), 'Hello');
  assert.equal((await booked())?.charged, COST);
});

test('when the server stops, nobody is read on for any more', async () => {
  const { generations } = server.chit.context;
  const [path, wire] = Object.entries(WIRE_EVENTS)[0] ?? assert.fail();
  const earlier = await ask(path, true);
  earlier.upstream.write(wire.opening + wire.word('Hello'));
  await received(earlier, 'Hello');
  await leave(earlier);
  generations.stopReadingOn();
  await earlier.upstream.closed;
  assert.ok(earlier.upstream.isAborted);
  await assertCounted();

  user = await server.newUser();
  const later = await ask(path, true);
  later.upstream.write(wire.opening + wire.word('Hello'));
  await received(later, 'Hello');
  await leave(later);
  await later.upstream.closed;
  await assertCounted();
});
