/** Every error under `/v1/` is told in the shape of the API that its client speaks. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { ChitError } from '../../../src/core/errors.ts';
import { faultsOf } from '../../support/chit.ts';
import { type Answer, type Sent, send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import type { Behaviour } from '../../support/providers/behaviour.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { assertPublished, checkedFetch } from '../../support/published/check.ts';
import { exchange, written } from '../../support/raw.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

const MESSAGES = [{ role: 'user' as const, content: 'Wer jagt?' }];
const ANTHROPIC = { 'anthropic-version': '2023-06-01' };
const NO_QUOTA = JSON.stringify({
  error: {
    message: 'You exceeded your current quota: Billing.',
    type: 'insufficient_quota',
    code: 'insufficient_quota',
  },
});
const UNCHARGED = { postedCredits: 4_000, heldCredits: 0 };

let emulator: ProviderEmulator;
let server: ModelServer;
let user: Awaited<ReturnType<ModelServer['newUser']>>;

before(async () => {
  emulator = await startProviderEmulator();
  server = await startModelServer(
    [
      modelAt(providerAt(emulator, 'openai'), 'gpt'),
      modelAt(providerAt(emulator, 'anthropic'), 'claude'),
    ],
    { CHIT_GATEWAY_BODY_LIMIT_BYTES: '65536' },
  );
});
beforeEach(async () => {
  emulator.reset();
  user = await server.newUser();
});
after(async () => {
  assert.deepEqual(await faultsOf(server.chit), []);
  await server.close();
  await emulator.close();
});

const openAi = (baseUrl = server.url, apiKey = user.key) =>
  new OpenAI({ apiKey, baseURL: `${baseUrl}/v1`, fetch: checkedFetch('openai') });
const anthropic = (baseURL = server.url, apiKey = user.key) =>
  new Anthropic({ apiKey, baseURL, fetch: checkedFetch('anthropic') });

interface OpenAiBody {
  readonly error: { type: string; message: string; code: string | null; param: string | null };
}

/** Sends to a path and checks that the answer is as the API describes its errors. */
async function refused(
  family: 'openai' | 'anthropic',
  path: string,
  sent: Sent = {},
): Promise<Answer & { readonly error: OpenAiBody['error'] }> {
  const answer = await send(`${server.url}${path}`, sent);
  assert.ok(answer.status >= 400, `${answer.status} ${path}`);
  assertPublished(family, path, answer);
  return { ...answer, error: (answer.json as OpenAiBody).error };
}

function post(body: string, more: Record<string, string> = {}): Sent {
  const headers = { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' };
  return { method: 'POST', headers: { ...headers, ...more }, body };
}

test('unknown paths are 404 in the shape of the API, with or without a key', async () => {
  for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
    const { status, error } = await refused('openai', '/v1/nope', { method });
    assert.equal(status, 404);
    assert.deepEqual([error.type, error.code], ['invalid_request_error', 'unknown_url']);
    assert.match(error.message, new RegExp(`no ${method} /v1/nope`));
    for (const [path, headers] of [
      ['/v1/nope?a=1', ANTHROPIC],
      ['/v1/nope', { 'x-api-key': 'x' }],
      ['/v1/messages/nope', {}],
    ] as const) {
      const anthropicAnswer = await refused('anthropic', path, { method, headers });
      assert.equal(anthropicAnswer.error.type, 'not_found_error');
    }
  }
  assert.equal((await send(`${server.url}/v1/nope`, { method: 'HEAD' })).status, 404);
  assert.equal((await refused('openai', '/v1/')).status, 404);
  assert.equal((await refused('openai', '/v1')).status, 404);
});

test('what is kept at a provider is 404, and says why', async () => {
  for (const [method, path] of [
    ['POST', '/v1/files'],
    ['GET', '/v1/files/file-1/content'],
    ['POST', '/v1/uploads'],
    ['POST', '/v1/batches'],
    ['GET', '/v1/responses/resp_1'],
    ['DELETE', '/v1/responses/resp_1'],
    ['POST', '/v1/responses/resp_1/cancel'],
    ['GET', '/v1/responses/resp_1/input_items'],
    ['GET', '/v1/chat/completions/chatcmpl-1'],
    ['POST', '/v1/conversations'],
    ['POST', '/v1/assistants'],
    ['POST', '/v1/threads/runs'],
    ['POST', '/v1/vector_stores'],
    ['POST', '/v1/fine_tuning/jobs'],
    ['GET', '/v1/containers'],
  ] as const) {
    const { status, error } = await refused('openai', path, { method });
    assert.equal(status, 404, path);
    assert.match(error.message, /not offered here.*kept in the account at the provider/, path);
  }
  assert.match((await refused('openai', '/v1/realtime/sessions')).error.message, /not offered/);
  for (const path of ['/v1/messages/batches', '/v1/messages/batches/b_1/results', '/v1/skills']) {
    assert.match((await refused('anthropic', path)).error.message, /not offered here/, path);
  }
  const { error } = await refused('anthropic', '/v1/files', { headers: ANTHROPIC });
  assert.match(error.message, /^Files are not offered here/);
});

test('a wrong method, key, body, length or URL', async () => {
  for (const [family, path, key] of [
    ['openai', '/v1/chat/completions', 'authorization'],
    ['openai', '/v1/completions', 'authorization'],
    ['openai', '/v1/responses', 'authorization'],
    ['openai', '/v1/responses/input_tokens', 'authorization'],
    ['openai', '/v1/embeddings', 'authorization'],
    ['anthropic', '/v1/messages', 'x-api-key'],
    ['anthropic', '/v1/messages/count_tokens', 'x-api-key'],
  ] as const) {
    const value = key === 'authorization' ? `Bearer ${user.key}` : user.key;
    const headers = { [key]: value, 'content-type': 'application/json' };
    const wrongMethod = await refused(family, path, { method: 'DELETE', headers });
    assert.deepEqual([wrongMethod.status, wrongMethod.headers.allow], [405, 'POST, OPTIONS']);
    const withBody = (body: string, more = {}) =>
      refused(family, path, { method: 'POST', headers: { ...headers, ...more }, body });
    assert.equal((await withBody('{}', { [key]: 'Bearer wrong' })).status, 401);
    assert.equal((await withBody('{')).status, 400);
    assert.equal((await withBody('[]')).status, 400);
    assert.equal((await withBody(`"${'x'.repeat(70_000)}"`)).status, 413);
    assert.equal((await withBody('a=b', { 'content-type': 'text/plain' })).status, 415);
    assert.equal((await refused(family, path, { method: 'POST' })).status, 401);
    const invalid = await exchange(server.url, written('GET', `${path}/%zz`));
    assert.equal(invalid.status, 400);
    assert.match(invalid.text, family === 'openai' ? /\{"error":\{"message"/ : /\{"type":"error"/);
  }
  assert.equal((await refused('openai', '/v1/models')).status, 401);
  assert.equal((await refused('anthropic', '/v1/models', { headers: ANTHROPIC })).status, 401);
});

test('types are those of OpenAI, and the member at fault is named', async () => {
  const missing = await refused('openai', '/v1/responses', post('{}'));
  assert.deepEqual(missing.error, {
    message: 'The request must name a model in "model".',
    type: 'invalid_request_error',
    param: 'model',
    code: 'model_missing',
  });
  const ask = (model: string) =>
    refused('openai', '/v1/chat/completions', post(JSON.stringify({ model, messages: MESSAGES })));
  const unknown = await ask('gtp');
  assert.equal(unknown.status, 404);
  assert.equal(unknown.error.type, 'invalid_request_error');
  assert.deepEqual([unknown.error.code, unknown.error.param], ['model_not_found', 'model']);
  assert.equal((await ask('claude')).error.param, 'model');
  const wrongKey = await refused(
    'openai',
    '/v1/responses',
    post('{}', { authorization: 'Bearer x' }),
  );
  assert.deepEqual(
    [wrongKey.error.type, wrongKey.error.code],
    ['invalid_request_error', 'invalid_api_key'],
  );
  assert.deepEqual(await server.balanceOf(user.userId), UNCHARGED);
});

test('without a database, and after a fault of ours', async (t) => {
  const failing = t.mock.method(server.chit.context.ledger, 'submit');
  for (const [cause, status, openAiType, anthropicType] of [
    [
      new ChitError('ledger_unavailable', { isOutcomeUnknown: false }),
      503,
      'service_unavailable_error',
      'overloaded_error',
    ],
    [new Error('A fault of ours.'), 500, 'server_error', 'api_error'],
  ] as const) {
    failing.mock.mockImplementation(() => Promise.reject(cause));
    const chat = JSON.stringify({ model: 'gpt', messages: MESSAGES });
    const ofOpenAi = await refused('openai', '/v1/chat/completions', post(chat));
    assert.deepEqual([ofOpenAi.status, ofOpenAi.error.type], [status, openAiType]);
    const message = JSON.stringify({ model: 'claude', messages: MESSAGES, max_tokens: 9 });
    const ofAnthropic = await refused('anthropic', '/v1/messages', post(message));
    assert.deepEqual([ofAnthropic.status, ofAnthropic.error.type], [status, anthropicType]);
    assert.doesNotMatch(ofOpenAi.text + ofAnthropic.text, /A fault of ours/);
  }
  assert.equal(emulator.requests.length, 0);
});

describe('refusals of a provider', () => {
  type Ask = (model: string, openAi: OpenAI, anthropic: Anthropic) => Promise<unknown>;
  const asks: Record<string, Ask> = {
    chat: (model, { chat }) => chat.completions.create({ model, messages: MESSAGES }),
    'chat, streamed': (model, { chat }) =>
      chat.completions.create({ model, messages: MESSAGES, stream: true }),
    completions: (model, { completions }) => completions.create({ model, prompt: 'Wer jagt?' }),
    responses: (model, { responses }) => responses.create({ model, input: 'Wer jagt?' }),
    embeddings: (model, { embeddings }) => embeddings.create({ model, input: 'Wer jagt?' }),
    messages: (model, _, { messages }) =>
      messages.create({ model, max_tokens: 9, messages: MESSAGES }),
    'messages, streamed': (model, _, { messages }) =>
      messages.stream({ model, max_tokens: 9, messages: MESSAGES }).finalText(),
  };
  const rows: readonly {
    readonly name: string;
    readonly refuse: NonNullable<Behaviour['refuse']>;
    readonly status: number;
    readonly told: RegExp;
  }[] = [
    {
      name: 'no credit',
      refuse: { status: 400, message: 'Your credit balance is too low: see Plans & Billing.' },
      status: 502,
      told: /does not serve this site at the moment\. Nothing was charged/,
    },
    {
      name: 'a wrong key',
      refuse: { status: 401, message: 'Incorrect API key provided: sk-emulated.' },
      status: 502,
      told: /does not serve this site at the moment/,
    },
    {
      name: 'no quota',
      refuse: { status: 429, retryAfter: 60, rawBody: NO_QUOTA },
      status: 502,
      told: /does not serve this site at the moment/,
    },
    {
      name: 'a page of HTML',
      refuse: { status: 403, isHtml: true, message: 'Blocked by a firewall: Plans & Billing' },
      status: 502,
      told: /does not serve this site at the moment/,
    },
    {
      name: 'no such model',
      refuse: { status: 404, message: 'model "emulated-small" not found, try pulling it: sk-' },
      status: 502,
      told: /does not have it under the name that this site uses/,
    },
    {
      name: 'no such endpoint',
      refuse: { status: 404, isHtml: true, message: 'nginx sk-' },
      status: 502,
      told: /does not offer this kind of request/,
    },
    {
      name: 'no such method',
      refuse: { status: 405, message: 'sk-' },
      status: 502,
      told: /does not offer this kind of request/,
    },
    {
      name: 'HTML about the request',
      refuse: { status: 413, isHtml: true, message: 'sk-' },
      status: 413,
      told: /The provider of the model refused this request with 413/,
    },
    {
      name: 'nothing about the request',
      refuse: { status: 400, rawBody: '' },
      status: 400,
      told: /The provider of the model refused this request with 400/,
    },
    {
      name: 'the request, in its own words',
      refuse: { status: 400, message: 'Too long by a mile.' },
      status: 400,
      told: /Too long by a mile/,
    },
    {
      name: 'the request, in words of its own shape',
      refuse: { status: 422, rawBody: '{"detail":[{"loc":["body","n"],"msg":"too big"}]}' },
      status: 422,
      told: /body\.n: too big/,
    },
  ];
  for (const { name, refuse, status, told } of rows) {
    test(`${name}: asked once, told in our words where it is about us, and free`, async (t) => {
      // Each is asked at a provider of its own, since one that refuses the account is left alone.
      const models = Object.keys(asks).map((it) =>
        modelAt(providerAt(emulator, it.startsWith('messages') ? 'anthropic' : 'openai'), it),
      );
      const other = await startModelServer(models);
      t.after(() => other.close());
      const { key, userId } = await other.newUser();
      for (const [what, ask] of Object.entries(asks)) {
        emulator.reset();
        emulator.behave({ refuse });
        const asked = ask(what, openAi(other.url, key), anthropic(other.url, key));
        await assert.rejects(asked, (error) => {
          assert.ok(error instanceof OpenAI.APIError || error instanceof Anthropic.APIError, what);
          assert.equal(error.status, status, what);
          assert.match(error.message, told, what);
          assert.doesNotMatch(error.message, /sk-|Billing/, what);
          assert.match(String(error.requestID), /\S/, what);
          return true;
        });
        assert.equal(emulator.requests.length, 1, what);
      }
      assert.deepEqual(await other.balanceOf(userId), UNCHARGED);
    });
  }

  test('within a stream, what it says of the account stays here', async () => {
    const message = 'You exceeded your current quota: see Plans & Billing.';
    emulator.behave({ words: 9, fault: { kind: 'error-event', afterChunks: 3, message } });
    const chat = await openAi().chat.completions.create({
      model: 'gpt',
      messages: MESSAGES,
      stream: true,
    });
    await assert.rejects(
      async () => {
        for await (const _ of chat);
      },
      (error: Error) => /stopped before its reply/.test(error.message),
    );
    const { messages } = anthropic();
    const stream = messages.stream({ model: 'claude', max_tokens: 9, messages: MESSAGES });
    await assert.rejects(stream.finalText(), (error: Error) => {
      return /stopped before its reply/.test(error.message) && !/quota/.test(error.message);
    });
  });
});

test('a stream of Responses that breaks off ends with an event that has the next number', async () => {
  for (const [afterChunks, told] of [
    [0, /did not reply/],
    [4, /stopped before its reply was complete/],
  ] as const) {
    emulator.behave({ words: 20, fault: { kind: 'cut', afterChunks } });
    // `checkedFetch` checks that the numbers have no gap.
    const events = await openAi().responses.create({ model: 'gpt', input: 'x', stream: true });
    await assert.rejects(
      async () => {
        for await (const _ of events);
      },
      (error) => {
        assert.ok(error instanceof OpenAI.APIError);
        assert.match(error.message, told);
        assert.match(String(error.code), /server_error|model_failed/);
        return true;
      },
    );
  }
});

test('successes have their request id as well', async () => {
  const answer = await openAi().chat.completions.create({ model: 'gpt', messages: MESSAGES });
  assert.match(String((answer as { _request_id?: string })._request_id), /\S/);
  const message = { model: 'claude', max_tokens: 9, messages: MESSAGES };
  assert.match(String((await anthropic().messages.create(message))._request_id), /\S/);
});
