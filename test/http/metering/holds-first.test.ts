/** No route reaches a model for a user who cannot pay; all routes are tried. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Talker } from '../../support/conversations.ts';
import { send } from '../../support/http.ts';
import { startModelServer } from '../../support/model-server.ts';
import { startProviderEmulator } from '../../support/providers/emulator.ts';
import { modelAt, providerAt, TOKEN_PRICE } from '../../support/upstream.ts';

/** A body that every route that reaches a model accepts, or that of one route. */
const BODY = { message: 'hi' };
const CHAT = { messages: [{ role: 'user', content: 'hi' }], max_tokens: 50 };
const BODIES: Readonly<Record<string, object>> = {
  '/v1/chat/completions': CHAT,
  '/v1/completions': { prompt: 'hi', max_tokens: 50 },
  '/v1/messages': CHAT,
  '/v1/embeddings': { input: 'Who hunts whom, and why?' },
  '/v1/responses': { input: 'hi' },
  '/v1/images/generations': { prompt: 'hi' },
  '/v1/audio/speech': { input: 'hi', voice: 'alloy' },
  '/v1/moderations': { input: 'Who hunts whom, and why?' },
  '/v1/rerank': { query: 'Who hunts whom?', documents: ['a', 'b'] },
};

/** The file of each form. */
const FORMS: Readonly<Record<string, string>> = {
  '/v1/audio/transcriptions': 'file',
  '/v1/audio/translations': 'file',
  '/v1/images/edits': 'image',
};

/** A form with a file of this name. */
function formWith(model: string, fileName: string): { body: string; type: string } {
  const field = (name: string) => `--b\r\nContent-Disposition: form-data; name="${name}"`;
  const file = `${field(fileName)}; filename="a.wav"\r\n\r\nRIFF\r\n`;
  const body = `${field('model')}\r\n\r\n${model}\r\n${file}--b--\r\n`;
  return { body, type: 'multipart/form-data; boundary=b' };
}

const REACHING = [
  'POST /api/chat/',
  'POST /api/conversations/{id}/messages/',
  'POST /v1/audio/speech',
  'POST /v1/audio/transcriptions',
  'POST /v1/audio/translations',
  'POST /v1/chat/completions',
  'POST /v1/completions',
  'POST /v1/embeddings',
  'POST /v1/images/edits',
  'POST /v1/images/generations',
  'POST /v1/messages',
  'POST /v1/moderations',
  'POST /v1/rerank',
  'POST /v1/responses',
];

/** For everything that a model can be asked for. */
const PRICE = {
  rates: { ...TOKEN_PRICE.rates, image: [9, 1], character: [9, 1], second: [9, 1] },
} as const;

test('every route that reaches a model holds credits first', async (t) => {
  const emulator = await startProviderEmulator();
  const server = await startModelServer([
    modelAt(providerAt(emulator, 'openai'), 'gpt', { price: PRICE }),
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
        const transferId = `${balance}-${user.userId}`;
        const credits = balance === 'none' ? -4_000 : 20_000;
        const ids = { transferId, accountId: user.userId, credits };
        const why = { actor: 'test', reason: 'test', idempotency: undefined, atMs: now() };
        await ledger.submit({ kind: 'grant', ...ids, ...why });
        const token = path.startsWith('/v1/') ? user.key : user.access;
        const before = emulator.requests.length;
        const headers: Record<string, string> = { authorization: `Bearer ${token}` };
        const hasBody = method !== 'GET' && method !== 'DELETE';
        const fileName = FORMS[path];
        const form = fileName === undefined ? undefined : formWith(model, fileName);
        if (hasBody) headers['content-type'] = form?.type ?? 'application/json';
        const made = form?.body ?? JSON.stringify({ ...(BODIES[path] ?? BODY), model });
        const body = hasBody ? made : undefined;
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
