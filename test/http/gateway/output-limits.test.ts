/** A limit of output is what the client asked for, or the client is told. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { faultsOf } from '../../support/chit.ts';
import { type Answer, postJson } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

const MODEL_LIMIT = 1_000;
const MESSAGES = [{ role: 'user', content: 'Wer jagt die Boxkämpfer?' }];
const THINKING = { type: 'enabled', budget_tokens: 500 };

/** How each API names the limit. */
const APIS = [
  { path: '/v1/chat/completions', model: 'gpt', asked: { messages: MESSAGES }, name: 'max_tokens' },
  { path: '/v1/responses', model: 'gpt', asked: { input: 'Wer?' }, name: 'max_output_tokens' },
  { path: '/v1/messages', model: 'claude', asked: { messages: MESSAGES }, name: 'max_tokens' },
] as const;

let emulator: ProviderEmulator;
let server: ModelServer;

before(async () => {
  emulator = await startProviderEmulator({ key: 'sk-emulated' });
  const [openai, anthropic] = [providerAt(emulator, 'openai'), providerAt(emulator, 'anthropic')];
  const limits = { outputTokens: MODEL_LIMIT };
  server = await startModelServer([
    modelAt(openai, 'gpt', limits),
    modelAt(anthropic, 'claude', limits),
    modelAt(anthropic, 'claude-unknown', { outputTokens: undefined }),
  ]);
});
beforeEach(() => emulator.reset());
after(async () => {
  assert.deepEqual(await faultsOf(server.chit), []);
  await server.close();
  await emulator.close();
});

type User = Awaited<ReturnType<ModelServer['newUser']>>;

const ask = ({ key }: User, path: string, body: object): Promise<Answer> =>
  postJson(`${server.url}${path}`, body, key);

/** What the provider was asked for last. */
function askedFor(name: string): unknown {
  return (emulator.requests.at(-1)?.json as Record<string, unknown> | undefined)?.[name];
}

for (const { path, model, asked, name } of APIS) {
  describe(path, () => {
    for (const stream of [false, true]) {
      const body = { model, ...asked, ...(stream ? { stream } : {}) };

      test(`a limit that cannot be paid for is refused with one that can, stream: ${stream}`, async () => {
        const user = await server.newUser({ budgetCredits: 700 });
        const refused = await ask(user, path, { ...body, [name]: MODEL_LIMIT });
        assert.equal(refused.status, 402);
        assert.equal(emulator.requests.length, 0);
        const [, fitting] = /A limit of (\d+) output tokens would fit/.exec(refused.text) ?? [];
        assert.ok(Number(fitting) >= 16 && Number(fitting) < 350, refused.text);
        emulator.behave({ words: 5_000 });
        const paid = await ask(user, path, { ...body, [name]: Number(fitting) });
        assert.equal(paid.status, 200);
        assert.equal(paid.headers['chit-output-limit'], undefined);
        assert.equal(askedFor(name), Number(fitting));
        const { heldCredits, postedCredits } = await server.balanceOf(user.userId);
        assert.equal(heldCredits, 0);
        assert.ok(4_000 - postedCredits <= 700);
      });

      test(`a limit that nobody asked for is cut to what can be paid, and said, stream: ${stream}`, async () => {
        const user = await server.newUser({ budgetCredits: 700 });
        const { status, headers } = await ask(user, path, body);
        assert.equal(status, 200);
        const limit = Number(headers['chit-output-limit']);
        assert.ok(limit >= 16 && limit < 350, String(limit));
        assert.equal(askedFor(name), limit);
      });

      test(`a limit above that of the model is cut to it, and said, stream: ${stream}`, async () => {
        const user = await server.newUser();
        const { status, headers } = await ask(user, path, { ...body, [name]: 2 * MODEL_LIMIT });
        assert.equal(status, 200);
        assert.equal(headers['chit-output-limit'], String(MODEL_LIMIT));
        assert.equal(askedFor(name), MODEL_LIMIT);
      });

      test(`nothing is said where nothing was cut, stream: ${stream}`, async () => {
        const user = await server.newUser();
        for (const wanted of [{}, { [name]: 50 }]) {
          const { status, headers } = await ask(user, path, { ...body, ...wanted });
          assert.equal(status, 200);
          assert.equal(headers['chit-output-limit'], undefined);
        }
      });
    }
  });
}

describe('a limit with thinking', () => {
  const path = '/v1/messages';
  const body = { model: 'claude', messages: MESSAGES, thinking: THINKING };

  test('is not cut below the thinking by the balance: 402', async () => {
    const user = await server.newUser({ budgetCredits: 900 });
    for (const wanted of [{}, { max_tokens: 800 }]) {
      const { status, text } = await ask(user, path, { ...body, ...wanted });
      assert.equal(status, 402);
      // One that would fit is refused by the provider.
      assert.doesNotMatch(text, /would fit/);
    }
    assert.equal(emulator.requests.length, 0);
    assert.deepEqual(await server.balanceOf(user.userId), { postedCredits: 4_000, heldCredits: 0 });
  });

  test('is cut above the thinking if that can be paid', async () => {
    const user = await server.newUser({ budgetCredits: 1_400 });
    const { status, headers } = await ask(user, path, body);
    assert.equal(status, 200);
    const limit = Number(headers['chit-output-limit']);
    assert.ok(limit > THINKING.budget_tokens && limit < MODEL_LIMIT, String(limit));
    assert.equal(askedFor('max_tokens'), limit);
  });

  test('is not cut below the thinking by the model: 400 that names the member', async () => {
    const user = await server.newUser();
    const thinking = { ...THINKING, budget_tokens: MODEL_LIMIT };
    for (const wanted of [{}, { max_tokens: 2 * MODEL_LIMIT }]) {
      const { status, text } = await ask(user, path, { ...body, thinking, ...wanted });
      assert.equal(status, 400);
      assert.match(text, /thinking\.budget_tokens\\?" must be less than 1000/);
    }
    assert.equal(emulator.requests.length, 0);
  });

  test('is what was asked for where nobody knows how much the model writes', async () => {
    const user = await server.newUser();
    const thinking = { ...THINKING, budget_tokens: 1_024 };
    const wanted = { ...body, model: 'claude-unknown', thinking, max_tokens: 1_500 };
    const { status, headers } = await ask(user, path, wanted);
    assert.equal(status, 200);
    assert.equal(headers['chit-output-limit'], undefined);
    assert.equal(askedFor('max_tokens'), 1_500);
  });
});

test('an embedding is refused if nothing can be paid, however short the text', async () => {
  const user = await server.newUser({ budgetCredits: 0 });
  const { status } = await ask(user, '/v1/embeddings', { model: 'gpt', input: 'hi' });
  assert.equal(status, 402);
  assert.equal(emulator.requests.length, 0);
});
