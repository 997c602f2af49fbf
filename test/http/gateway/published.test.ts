/** What the two providers publish describes every route under `/v1/`, in its answers and errors. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { ANTHROPIC_ANSWERS, ANTHROPIC_EVENTS } from '../../support/published/anthropic-shapes.ts';
import { assertPublished } from '../../support/published/check.ts';
import {
  OPENAI_ANSWERS,
  OPENAI_BYTES,
  OPENAI_EVENTS,
} from '../../support/published/openai-shapes.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

let server: ModelServer;
/** The methods and paths of all routes under `/v1/`, as the server's own description has them. */
let routes: (readonly [method: string, path: string])[] = [];

before(async () => {
  const provider = providerAt({ url: 'http://127.0.0.1:1' }, 'openai');
  server = await startModelServer([modelAt(provider, 'gpt')]);
  const answer = await fetch(`${server.url}/openapi.json`);
  const { paths } = (await answer.json()) as { paths: Record<string, Record<string, unknown>> };
  routes = Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
    );
});
after(() => server.close());

const isAnthropics = (path: string) => path.startsWith('/v1/messages');

test('a schema describes the answers of each route, and events those of each that streams', () => {
  assert.ok(routes.length >= 13, routes.join());
  for (const [, route] of routes) {
    const path = route.replace(/(?<=^\/v1\/models\/).+/, '{id}');
    const answers = isAnthropics(path) ? ANTHROPIC_ANSWERS : OPENAI_ANSWERS;
    assert.ok(answers[path] || OPENAI_BYTES.has(path), `the answers of ${path}`);
  }
  const streams = ['/v1/chat/completions', '/v1/completions', '/v1/responses', '/v1/messages'];
  for (const path of streams) assert.ok({ ...OPENAI_EVENTS, ...ANTHROPIC_EVENTS }[path], path);
  assert.ok(ANTHROPIC_ANSWERS['/v1/models'] && ANTHROPIC_ANSWERS['/v1/models/{id}']);
});

test('each route refuses as its API does: without a key, a body, a model, a path', async () => {
  const { key } = await server.newUser();
  const requests: [name: string, headers: Record<string, string>, body: string][] = [
    ['no key', {}, '{}'],
    ['no JSON', { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, '{'],
    ['another type', { authorization: `Bearer ${key}`, 'content-type': 'text/csv' }, 'a,b'],
    ['no model', { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, '{}'],
    [
      'an unknown model',
      { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      '{"model":"none"}',
    ],
  ];
  let errors = 0;
  const check = async (method: string, path: string, init: RequestInit) => {
    const answer = await fetch(`${server.url}${path}`, { method, ...init });
    const { status } = answer;
    const text = await answer.text();
    const seen = { status, headers: Object.fromEntries(answer.headers), text };
    assertPublished(isAnthropics(path) ? 'anthropic' : 'openai', path, seen);
    if (status >= 400) errors += 1;
  };
  for (const [method, route] of routes) {
    const path = route.replace(/\{[^}]+\}/, 'none');
    for (const [, headers, body] of requests) {
      await check(method, path, method === 'GET' ? { headers } : { headers, body });
    }
    await check(method, `${path}/none`, { headers: { authorization: `Bearer ${key}` } });
    await check('DELETE', path, { headers: { authorization: `Bearer ${key}` } });
  }
  assert.ok(errors > 5 * routes.length, String(errors));
});
