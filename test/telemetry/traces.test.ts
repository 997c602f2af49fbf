/** What a collector of OpenTelemetry is sent, and what becomes of requests without one. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { postJson, send } from '../support/http.ts';
import { type ProviderEmulator, startProviderEmulator } from '../support/providers/emulator.ts';
import { newFolder, newUser } from '../support/server.ts';
import { type ServerHere, startServerHere } from '../support/server-here.ts';

const WORDS = 'what-only-the-model-should-read';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly status: { readonly code: number };
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: Pick<Span, 'attributes'>;
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

/** A collector that keeps what it is sent, or answers as it is told. */
class Collector {
  readonly exports: Export[] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  text = '';
  behaviour: 'take' | 'refuse' | 'hang' = 'take';
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (this.behaviour === 'hang') return;
      response.statusCode = this.behaviour === 'refuse' ? 400 : 200;
      response.end('{}');
      if (this.behaviour === 'refuse' || request.url !== '/v1/traces') return;
      const text = Buffer.concat(chunks).toString();
      this.text += text;
      this.headers.push(request.headers);
      this.exports.push(JSON.parse(text) as Export);
    });
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get spans(): Span[] {
    const all = this.exports.flatMap(({ resourceSpans }) => resourceSpans);
    return all.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  }

  async span(name: string): Promise<Span> {
    for (let tries = 0; tries < 1_500; tries += 1) {
      const found = this.spans.find((it) => it.name === name);
      if (found) return found;
      await sleep(20);
    }
    throw new Error(`no span ${name} among ${this.spans.map((it) => it.name).join(', ')}`);
  }

  reset(): void {
    this.exports.length = 0;
    this.text = '';
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const folder = newFolder();
const collector = new Collector();
let provider: ProviderEmulator;
let server: ServerHere;
let access: string;

before(async () => {
  provider = await startProviderEmulator();
  const deployment = {
    providers: { near: { wire: 'openai', baseUrl: `${provider.url}/v1` } },
    models: [
      { name: 'mine', provider: 'near', upstream: 'small-1', price: { perMessage: 10 } },
      { name: 'spare', provider: 'near', price: { perMessage: 10 } },
    ],
  };
  const file = join(folder, 'chit.json');
  writeFileSync(file, JSON.stringify(deployment));
  server = await startServerHere({
    CHIT_CONFIG: file,
    CHIT_TRUSTED_PROXIES: '127.0.0.1',
    OTEL_EXPORTER_OTLP_ENDPOINT: `${await collector.start()}/`,
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20key',
    OTEL_SERVICE_NAME: 'school chat',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_BSP_SCHEDULE_DELAY: '20',
  });
  ({ access } = await newUser(server.url, 'adalovelace'));
});
beforeEach(() => collector.reset());
after(async () => {
  const startedMs = performance.now();
  await server.stop();
  assert.ok(performance.now() - startedMs < 9_000, 'a collector that hangs does not hold it up');
  collector.close();
  await provider.close();
  rmSync(folder, { recursive: true });
});

function ask(path: string, body: object, headers: Record<string, string> = {}) {
  return send(`${server.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

function attributesOf({ attributes }: Pick<Span, 'attributes'>): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [found] = Object.values(value);
      return [key, found];
    }),
  );
}

test('a chat is a trace: the request, the hold, the model by the conventions, the booking', async () => {
  const parent = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };
  const answer = await ask('/api/chat/', { message: WORDS, model: 'mine' }, parent);
  assert.equal(answer.status, 200, answer.text);
  const request = await collector.span('POST /api/chat/');
  const [hold, model, settle] = await Promise.all(
    ['hold credits', 'chat small-1', 'settle'].map((name) => collector.span(name)),
  );
  assert.ok(hold && model && settle);
  assert.deepEqual([request.traceId, request.parentSpanId], [TRACE, '00f067aa0ba902b7']);
  for (const it of [hold, model, settle]) {
    assert.deepEqual([it.traceId, it.parentSpanId], [TRACE, request.spanId]);
  }
  assert.deepEqual([request.kind, model.kind], [2, 3], 'SERVER and CLIENT');
  const { 'chit.request.id': id, 'user.id': user, ...rest } = attributesOf(request);
  assert.match(String(user), /^\d+$/);
  assert.equal(id, answer.headers['x-request-id']);
  assert.equal(id, TRACE, 'the request is named as its trace');
  assert.deepEqual(rest, {
    'http.request.method': 'POST',
    'http.route': '/api/chat/',
    'http.response.status_code': 200,
    'client.address': '127.0.0.1',
  });
  const asked = attributesOf(model);
  const { port } = new URL(provider.url);
  const fixed = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'small-1',
    'chit.model': 'mine',
    'server.address': '127.0.0.1',
    'server.port': Number(port),
    'chit.outcome': 'finished',
  };
  for (const [name, value] of Object.entries(fixed)) assert.equal(asked[name], value, name);
  for (const name of ['gen_ai.usage.input_tokens', 'gen_ai.usage.output_tokens']) {
    assert.ok(Number(asked[name]) > 0, name);
  }
  assert.equal(attributesOf(settle)['chit.credits.charged'], 10);
  const [first] = collector.exports;
  const resource = attributesOf(first?.resourceSpans[0]?.resource ?? { attributes: [] });
  assert.equal(resource['service.name'], 'school chat');
  assert.equal(resource['deployment.environment.name'], 'test');
  assert.equal(collector.headers[0]?.['api-key'], 'a key');
});

test('a model that fails is an error of its span, and of its request', async () => {
  provider.behaveNext({ refuse: { status: 501 } });
  assert.equal((await ask('/api/chat/', { message: WORDS, model: 'spare' })).status, 502);
  const model = await collector.span('chat spare');
  assert.deepEqual([model.status.code, attributesOf(model)['error.type']], [2, 'endpoint']);
  const request = await collector.span('POST /api/chat/');
  assert.equal(request.status.code, 2);
  assert.equal(attributesOf(request)['error.type'], 'model_unavailable');
});

test('no words, names or tokens are sent, nor anything of health checks', async () => {
  await send(`${server.url}/healthz`);
  await postJson(`${server.url}/api/login/`, { username: 'adalovelace', password: WORDS });
  await ask('/api/chat/', { message: WORDS, model: 'mine' });
  await send(`${server.url}/api/shared/${WORDS}/?secret=${WORDS}`);
  await collector.span('settle');
  await collector.span('GET /api/shared/:token/');
  assert.doesNotMatch(collector.text, new RegExp(`${WORDS}|adalovelace|eyJ|healthz`));
  const [reply = ''] = /"response":"([^"]{8,})/.exec(collector.text) ?? [];
  assert.equal(reply, '');
});

test('a collector that refuses or hangs changes nothing for requests', async () => {
  for (const behaviour of ['refuse', 'hang'] as const) {
    collector.behaviour = behaviour;
    for (let tries = 0; tries < 3; tries += 1) {
      const startedMs = performance.now();
      assert.equal((await ask('/api/chat/', { message: 'Hi', model: 'mine' })).status, 200);
      assert.ok(performance.now() - startedMs < 9_000);
      await sleep(30);
    }
  }
});
