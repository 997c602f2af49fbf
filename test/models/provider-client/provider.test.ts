/** How a provider with several endpoints is asked, over real connections. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { ProviderSettings } from '../../../src/core/deployment.ts';
import { Attempts } from '../../../src/models/provider-client/attempts.ts';
import type { Provider } from '../../../src/models/provider-client/provider.ts';
import { ProviderFailure } from '../../../src/models/provider-client/provider-failure.ts';
import { providerAt } from '../../support/upstream.ts';

type Handler = (response: ServerResponse, request: IncomingMessage) => void;

const answers: Handler = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
};
const refuses =
  (status: number, headers: Record<string, string> = {}, body: object | string = {}): Handler =>
  (response) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };
const cuts: Handler = (response) => void response.socket?.destroy();
const QUOTA = {
  error: { message: 'Pay.', type: 'insufficient_quota', code: 'insufficient_quota' },
};

/** A server that answers each key by a script of its own, the last step again and again. */
async function scripted(t: TestContext, scripts: Record<string, Handler[]>) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const key = (request.headers.authorization ?? '').replace('Bearer ', '');
      asked.push(key);
      const steps = scripts[key] ?? [];
      const handle = steps.length > 1 ? steps.shift() : steps[0];
      handle?.(response, request);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const provider = (settings: Partial<ProviderSettings> = {}) => {
    const endpoints = Object.keys(scripts).map((apiKey) => ({
      baseUrl: `${url}/v1`,
      apiKey,
      headers: {},
      weight: 1,
    }));
    // The first is chosen as good as always, so that the order is known.
    const weighted = endpoints.map((it, index) => ({ ...it, weight: index === 0 ? 1e9 : 1e-9 }));
    const made = providerAt({ url }, 'openai', { endpoints: weighted, ...settings });
    t.after(() => made.close());
    return made;
  };
  return { asked, provider };
}

function ask(provider: Provider, options: { isStream?: boolean; attempts?: Attempts } = {}) {
  const { isStream = true, attempts } = options;
  return provider.post({
    path: '/chat/completions',
    model: 'm',
    isStream,
    body: [Buffer.from('{}')],
    signal: AbortSignal.timeout(60_000),
    attempts,
  });
}

const failureOf = async (asking: Promise<unknown>): Promise<ProviderFailure> => {
  const error = await asking.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ProviderFailure, String(error));
  return error;
};

for (const [name, handler] of [
  ['refused', refuses(401)],
  ['out of quota', refuses(429, {}, QUOTA)],
  ['limited', refuses(429, { 'retry-after': '30' })],
] as const) {
  test(`a key that is ${name} rests, and another one answers`, async (t) => {
    const { asked, provider } = await scripted(t, { a: [handler], b: [answers] });
    const made = provider();
    await ask(made);
    await ask(made);
    assert.deepEqual(asked, ['a', 'b', 'b']);
    const [first, second] = made.endpoints.shown();
    assert.ok(first?.rest);
    assert.equal(second?.rest, undefined);
  });
}

test('keys that are refused are not asked again, and no client waits for them', async (t) => {
  const { asked, provider } = await scripted(t, {
    a: [refuses(429, {}, QUOTA)],
    b: [refuses(401)],
  });
  const made = provider();
  const first = await failureOf(ask(made));
  const second = await failureOf(ask(made));
  assert.deepEqual(asked, ['a', 'b']);
  for (const { reason, provider: name, retryAfterSeconds } of [first, second]) {
    assert.deepEqual([reason, name, retryAfterSeconds], ['operator', 'emulated-openai', undefined]);
  }
});

test('if all keys are limited for long, a request fails at once with the time', async (t) => {
  const limited = (seconds: string) => [refuses(429, { 'retry-after': seconds })];
  const { asked, provider } = await scripted(t, { a: limited('60'), b: limited('30') });
  const made = provider();
  assert.equal((await failureOf(ask(made))).retryAfterSeconds, 30);
  const again = await failureOf(ask(made));
  assert.deepEqual([again.status, again.retryAfterSeconds, again.endpoint], [429, 30, 2]);
  assert.deepEqual(asked, ['a', 'b']);
});

test('of several failures the client is told the one that it can do something about', async (t) => {
  const { provider } = await scripted(t, {
    a: [refuses(429, { 'retry-after': '30' })],
    b: [refuses(429, { 'retry-after': '60' })],
    c: [refuses(401)],
  });
  assert.equal((await failureOf(ask(provider()))).retryAfterSeconds, 30);
});

test('an only key is asked by each turn, once if it asks for a long time', async (t) => {
  const limited = refuses(429, { 'retry-after': '60' });
  const { asked, provider } = await scripted(t, { a: [limited, refuses(401), answers] });
  const made = provider();
  assert.equal((await failureOf(ask(made))).retryAfterSeconds, 60);
  assert.equal((await failureOf(ask(made))).reason, 'operator');
  await ask(made);
  assert.deepEqual(asked, ['a', 'a', 'a']);
});

test('if it is limited for a short time, that is waited for', async (t) => {
  const limited = refuses(429, { 'retry-after-ms': '300' });
  const { asked, provider } = await scripted(t, { a: [limited, answers] });
  const before = performance.now();
  await ask(provider());
  assert.ok(performance.now() - before >= 299);
  assert.deepEqual(asked, ['a', 'a']);
});

test('no more than three requests are sent, whatever the number of keys', async (t) => {
  const script = () => [refuses(500)];
  const scripts = { a: script(), b: script(), c: script(), d: script() };
  const { asked, provider } = await scripted(t, scripts);
  assert.equal((await failureOf(ask(provider()))).status, 500);
  assert.equal(asked.length, 3);
  assert.equal(new Set(asked).size, 3);
});

test('what earlier requests of the turn used up, and what fallbacks need, is not used', async (t) => {
  const { asked, provider } = await scripted(t, { a: [refuses(500)] });
  const attempts = new Attempts(1);
  attempts.kept = 1;
  await failureOf(ask(provider(), { attempts }));
  assert.equal(asked.length, 1);
  assert.equal(attempts.used, 2);
});

test('a connection that is refused goes to another address', async (t) => {
  const { asked, provider } = await scripted(t, { a: [answers] });
  const [there] = provider().settings.endpoints ?? [];
  assert.ok(there);
  // Nobody listens on port 1.
  const away = { ...there, baseUrl: 'http://127.0.0.1:1/v1' };
  await ask(provider({ endpoints: [away, { ...there, weight: 1e-9 }] }), { isStream: false });
  assert.deepEqual(asked, ['a']);
});

for (const [name, handler, status] of [
  ['whose connection broke', cuts, undefined],
  ['that a gateway gave up on', refuses(504), 504],
] as const) {
  test(`a stream ${name} before it began is asked again`, async (t) => {
    const { asked, provider } = await scripted(t, { a: [handler, answers] });
    await ask(provider());
    assert.equal(asked.length, 2);
  });

  test(`a whole answer ${name} may have been written and billed, and is not`, async (t) => {
    const { asked, provider } = await scripted(t, { a: [handler], b: [answers] });
    const failure = await failureOf(ask(provider(), { isStream: false }));
    assert.equal(failure.status, status);
    assert.deepEqual(asked, ['a']);
  });
}

test('what is the same the next time is not asked again', async (t) => {
  for (const handler of [refuses(400), refuses(404), refuses(500, { 'x-should-retry': 'false' })]) {
    const { asked, provider } = await scripted(t, { a: [handler] });
    await failureOf(ask(provider()));
    assert.equal(asked.length, 1);
  }
});

test('a provider that is silent may still be at work, and is not asked again', async (t) => {
  const { asked, provider } = await scripted(t, { a: [() => undefined], b: [answers] });
  const failure = await failureOf(ask(provider({ streamHeadersTimeoutMs: 1_500 })));
  assert.equal(failure.reason, 'timed_out');
  assert.deepEqual(asked, ['a']);
});

test('of an endless error only the beginning is read', async (t) => {
  const endless: Handler = (response) => {
    response.writeHead(400, { 'content-type': 'text/html' });
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', more);
    more();
  };
  const { provider } = await scripted(t, { a: [endless] });
  const { status, body, apiError } = await failureOf(ask(provider()));
  assert.equal(status, 400);
  assert.equal(body.length, 10_000);
  assert.equal(apiError, undefined);
});

test('the key of an endpoint is in no failure', async (t) => {
  const { provider } = await scripted(t, { 'sk-secret': [refuses(401)] });
  const failure = await failureOf(ask(provider()));
  assert.doesNotMatch(JSON.stringify({ ...failure, message: failure.message }), /sk-secret/);
});
