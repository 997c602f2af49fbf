/** What the provider bills for input is held and charged, whatever the input is. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { base64, png } from '../../models/input-measure/inputs.ts';
import { faultsOf } from '../../support/chit.ts';
import { type Answer, send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

const OPENING = 1_000_000;
const OUTPUT = 16;
const TOKENS = 'one two three four five six seven eight '.repeat(5_000);
const PICTURE = base64(png(1_024, 1_024, 20_000), 'image/png');
const PDF = Buffer.alloc(9_000, '%PDF-1.7 ').toString('base64');
const SCHEMA = {
  type: 'object',
  properties: Object.fromEntries(
    Array.from({ length: 400 }, (_, at) => [`field_${at}`, { type: 'string', title: 'one two' }]),
  ),
};

const message = (content: unknown) => ({ messages: [{ role: 'user', content }], max_tokens: 100 });
const item = (part: object) => ({ input: [{ role: 'user', content: [part] }] });

/** What is sent, and what the provider says that it was, in tokens. */
type Row = readonly [name: string, body: object, due: number];

const PICTURE_URL = 'https://example.com/a.png';

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  '/v1/chat/completions': [
    ['text that begins as a data URL', message(`data:x,${TOKENS}`), 40_000],
    ['a thousand letters, then text', message('a'.repeat(1_000) + TOKENS), 40_000],
    ['a schema', { ...message('Hi'), response_format: { json_schema: { schema: SCHEMA } } }, 4_000],
    ['functions', { ...message('Hi'), functions: [{ name: 'a', parameters: SCHEMA }] }, 4_000],
    ['a picture', message([{ type: 'image_url', image_url: { url: PICTURE } }]), 1_500],
    [
      'a picture at a URL',
      message([{ type: 'image_url', image_url: { url: PICTURE_URL } }]),
      1_500,
    ],
    ['a PDF', message([{ type: 'file', file: { file_data: PDF } }]), 50_000],
    ['a search of the web', { ...message('Hi'), web_search_options: {} }, 50_000],
  ],
  '/v1/responses': [
    ['text that begins as a data URL', { input: `data:x,${TOKENS}` }, 40_000],
    ['a thousand letters, then text', { input: 'a'.repeat(1_000) + TOKENS }, 40_000],
    ['a schema', { input: 'Hi', text: { format: { type: 'json_schema', schema: SCHEMA } } }, 4_000],
    ['functions', { input: 'Hi', tools: [{ type: 'function', parameters: SCHEMA }] }, 4_000],
    ['a kept answer', { input: 'Hi', previous_response_id: 'resp_1' }, 50_000],
    ['a kept conversation', { input: 'Hi', conversation: 'conv_1' }, 50_000],
    ['a stored prompt', { input: 'Hi', prompt: { id: 'pmpt_1' } }, 50_000],
    [
      'a search of the web',
      { input: 'Hi', tools: [{ type: 'web_search' }], max_tool_calls: 1 },
      50_000,
    ],
    ['a picture', item({ type: 'input_image', image_url: PICTURE }), 1_500],
    ['a picture at a URL', item({ type: 'input_image', image_url: PICTURE_URL }), 1_500],
    ['a PDF', item({ type: 'input_file', file_data: PDF }), 50_000],
    ['a PDF at a URL', item({ type: 'input_file', file_url: 'https://a.b/c.pdf' }), 50_000],
  ],
  '/v1/messages': [
    ['text that begins as a data URL', message(`data:x,${TOKENS}`), 40_000],
    ['a thousand letters, then text', message('a'.repeat(1_000) + TOKENS), 40_000],
    ['functions', { ...message('Hi'), tools: [{ name: 'a', input_schema: SCHEMA }] }, 4_000],
    [
      'a search of the web',
      {
        ...message('Hi'),
        tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 1 }],
      },
      50_000,
    ],
    [
      'a picture',
      message([{ type: 'image', source: { type: 'base64', data: PICTURE.split(',')[1] } }]),
      1_500,
    ],
    [
      'a picture at a URL',
      message([{ type: 'image', source: { type: 'url', url: PICTURE_URL } }]),
      1_500,
    ],
    ['a PDF', message([{ type: 'document', source: { type: 'base64', data: PDF } }]), 50_000],
    [
      'a PDF at a URL',
      message([{ type: 'document', source: { type: 'url', url: 'https://a.b/c.pdf' } }]),
      50_000,
    ],
  ],
  '/v1/embeddings': [
    [
      'token ids',
      {
        input: [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
        ],
      },
      8,
    ],
    ['four texts that each fit into the context', { input: Array(4).fill(TOKENS) }, 160_000],
    ['text in base64', { input: Buffer.from(TOKENS).toString('base64') }, 100_000],
  ],
};

let emulator: ProviderEmulator;
let server: ModelServer;
let user: Awaited<ReturnType<ModelServer['newUser']>>;

before(async () => {
  emulator = await startProviderEmulator({ key: 'sk-emulated' });
  const fetching = { fetchesUrls: true };
  const openai = providerAt(emulator, 'openai', fetching);
  const anthropic = providerAt(emulator, 'anthropic', fetching);
  const searching = { allowUnpriced: ['web_search'] };
  server = await startModelServer(
    [
      modelAt(openai, 'gpt', { contextTokens: 128_000, ...searching }),
      modelAt(anthropic, 'claude', { contextTokens: 128_000, ...searching }),
      modelAt(openai, 'gpt-4o', { contextTokens: 128_000, upstreamModel: 'gpt-4o' }),
      modelAt(openai, 'gpt-without', { contextTokens: undefined }),
    ],
    { CHIT_SIGNUP_TOKENS: String(OPENING) },
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

function ask(path: string, body: object): Promise<Answer> {
  const headers = { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' };
  return send(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

for (const [path, rows] of Object.entries(ROWS)) {
  const model = path === '/v1/messages' ? 'claude' : 'gpt';
  const hasText = path !== '/v1/embeddings';
  for (const isStream of hasText ? [false, true] : [false]) {
    describe(`${path}, ${isStream ? 'a stream' : 'a whole answer'}, pays all of`, () => {
      for (const [name, body, due] of rows) {
        test(name, async () => {
          emulator.behave({ usage: { inputTokens: due, outputTokens: OUTPUT } });
          const { status, text } = await ask(path, {
            model,
            ...(isStream ? { stream: true } : {}),
            ...body,
          });
          assert.equal(status, 200, text);
          const cost = due + (hasText ? 2 * OUTPUT : 0);
          assert.deepEqual(await server.balanceOf(user.userId), {
            postedCredits: OPENING - cost,
            heldCredits: 0,
          });
        });
      }
    });
  }
}

test('a PDF for a model without a context is refused, and nothing is booked or asked', async () => {
  const body = message([{ type: 'file', file: { file_data: PDF } }]);
  const { status, headers, text } = await ask('/v1/chat/completions', {
    model: 'gpt-without',
    ...body,
  });
  assert.equal(status, 400);
  assert.equal(headers['chit-error'], 'input_unseen');
  assert.match(text, /file_data/);
  assert.match(text, /contextTokens/);
  assert.deepEqual(await server.balanceOf(user.userId), { postedCredits: OPENING, heldCredits: 0 });
  assert.equal(emulator.requests.length, 0);
});

describe('what costs less than its bound is not refused', () => {
  for (const [name, content, due] of [
    ['a text of more bytes than can be paid for', 'one two three four '.repeat(2_500), 10_000],
    [
      'such a text beside a picture at a URL',
      [
        { type: 'text', text: 'one two three four '.repeat(2_000) },
        { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
      ],
      9_000,
    ],
    ['a PDF of one page', [{ type: 'file', file: { file_data: PDF } }], 2_000],
  ] as const) {
    test(name, async () => {
      user = await server.newUser({ budgetCredits: 30_000 });
      emulator.behave({ usage: { inputTokens: due, outputTokens: OUTPUT } });
      const body = { model: 'gpt-4o', ...message(content) };
      const { status, text } = await ask('/v1/chat/completions', body);
      assert.equal(status, 200, text);
      assert.deepEqual(await server.balanceOf(user.userId), {
        postedCredits: OPENING - due - 2 * OUTPUT,
        heldCredits: 0,
      });
    });
  }

  test('what nobody can see is, if not all that the model reads can be paid for', async () => {
    user = await server.newUser({ budgetCredits: 30_000 });
    const body = item({ type: 'input_file', file_url: 'https://a.b/c.pdf' });
    const { status, headers } = await ask('/v1/responses', { model: 'gpt-4o', ...body });
    assert.equal(status, 402);
    assert.equal(headers['chit-error'], 'api_key_budget_exceeded');
    assert.equal(emulator.requests.length, 0);
  });
});
