/** No route reaches a model for a user who cannot pay; all routes are tried. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Talker } from '../../support/conversations.ts';
import { send } from '../../support/http.ts';
import { startModelServer } from '../../support/model-server.ts';
import { startProviderEmulator } from '../../support/providers/emulator.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

/** A body that every route that reaches a model accepts, or that of one route. */
const BODY = { message: 'hi' };
const CHAT = { messages: [{ role: 'user', content: 'hi' }], max_tokens: 50 };
const BODIES: Readonly<Record<string, object>> = {
  '/v1/chat/completions': CHAT,
  '/v1/completions': { prompt: 'hi', max_tokens: 50 },
  '/v1/messages': CHAT,
  '/v1/embeddings': { input: 'Who hunts whom, and why?' },
  '/v1/responses': { input: 'hi' },
};

const REACHING = [
  'POST /api/chat/',
  'POST /api/conversations/{id}/messages/',
  'POST /v1/chat/completions',
  'POST /v1/completions',
  'POST /v1/embeddings',
  'POST /v1/messages',
  'POST /v1/responses',
];

test('every route that reaches a model holds credits first', async (t) => {
  const emulator = await startProviderEmulator();
  const server = await startModelServer([
    modelAt(providerAt(emulator, 'openai'), 'gpt'),
    modelAt(providerAt(emulator, 'anthropic'), 'claude'),
  ]);
  t.after(async () => {
    await server.close();
    await emulator.close();
  });
  const { json } = await send(`${server.url}/openapi.json`);
  const { paths } = json as { paths: Record<string, Record<string, unknown>> };
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const { ledger, now } = server.chit.context;

  /** The routes that reached a model. */
  const reached = async (balance: 'plenty' | 'none') => {
    const found = new Set<string>();
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ');
      for (const model of ['gpt', 'claude']) {
        const user = await server.newUser();
        if (balance === 'none') {
          const ids = {
            transferId: `none-${user.userId}`,
            accountId: user.userId,
            credits: -4_000,
          };
          const why = { actor: 'test', reason: 'test', idempotency: undefined, atMs: now() };
          await ledger.submit({ kind: 'grant', ...ids, ...why });
        }
        const token = path.startsWith('/v1/') ? user.key : user.access;
        const before = emulator.requests.length;
        const headers: Record<string, string> = { authorization: `Bearer ${token}` };
        const hasBody = method !== 'GET' && method !== 'DELETE';
        if (hasBody) headers['content-type'] = 'application/json';
        const body = hasBody ? JSON.stringify({ ...(BODIES[path] ?? BODY), model }) : undefined;
        const { id } = await new Talker(server.url, user.access).begin();
        await send(server.url + path.replace('{id}', id), { method, headers, body });
        // A reply in a conversation is generated outside the request.
        await server.chit.context.generations.idle();
        if (emulator.requests.length > before) found.add(route);
      }
    }
    return [...found].toSorted();
  };

  assert.deepEqual(await reached('plenty'), REACHING);
  assert.deepEqual(await reached('none'), []);
});
