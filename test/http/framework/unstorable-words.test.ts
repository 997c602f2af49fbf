/** Text that no database can store, from a client or a provider: charged and stored safely. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { flatPrice } from '../../../src/core/pricing.ts';
import { faultsOf } from '../../support/chit.ts';
import { Talker, textOf } from '../../support/conversations.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type Answer, send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../../support/providers/emulator.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';
import { modelAt, providerAt } from '../../support/upstream.ts';

const OPENING = 1_000_000;
const BAD = ['a\0b', 'a\ud800b', '\udc00'];
/** The request with such text for each API. */
const WIRES = {
  '/v1/chat/completions': (words: string) => ({ messages: [{ role: 'user', content: words }] }),
  '/v1/responses': (words: string) => ({ input: words }),
  '/v1/messages': (words: string) => ({
    messages: [{ role: 'user', content: words }],
    max_tokens: 50,
  }),
  '/v1/embeddings': (words: string) => ({ input: [words] }),
  '/v1/images/generations': (words: string) => ({ prompt: words }),
  '/v1/moderations': (words: string) => ({ input: [words] }),
  '/v1/rerank': (words: string) => ({ query: words, documents: [words] }),
};

type User = Awaited<ReturnType<ModelServer['newUser']>>;

onEachDatabase((at) =>
  describe('over HTTP', () => {
    let emulator: ProviderEmulator;
    let server: ModelServer;

    before(async () => {
      emulator = await startProviderEmulator();
      const models = [
        scriptedModel(flatPrice(100)),
        modelAt(providerAt(emulator, 'openai'), 'gpt', { price: flatPrice(7) }),
        modelAt(providerAt(emulator, 'anthropic'), 'claude', { price: flatPrice(7) }),
      ];
      const url = await at.newUrl();
      const more = { CHIT_DATABASE_URL: url, CHIT_SIGNUP_TOKENS: String(OPENING) };
      server = await startModelServer(models, more);
    });
    after(async () => {
      assert.deepEqual(await faultsOf(server.chit), []);
      await server.close();
      await emulator.close();
    });

    function ask(user: User, path: string, body: object, key?: string): Promise<Answer> {
      const model = path === '/v1/messages' ? 'claude' : 'gpt';
      return send(`${server.url}${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${user.key}`,
          'content-type': 'application/json',
          ...(key ? { 'idempotency-key': key } : {}),
        },
        body: JSON.stringify({ model, ...body }),
      });
    }

    async function postedOf({ userId }: User): Promise<number> {
      const { postedCredits, heldCredits } = await server.balanceOf(userId);
      assert.equal(heldCredits, 0);
      return postedCredits;
    }

    test('under /v1/ it is answered and charged, and other requests are served', async () => {
      const [user, other] = [await server.newUser(), await server.newUser()];
      const bystander = new Talker(server.url, other.access);
      const { id } = await bystander.begin();
      let asked = 0;
      for (const [path, bodyOf] of Object.entries(WIRES)) {
        for (const words of BAD) {
          const said = Array.from({ length: 3 }, () => bystander.say(id, 'hello'));
          const answer = await ask(user, path, bodyOf(words));
          assert.equal(answer.status, 200, `${path} ${JSON.stringify(words)}: ${answer.text}`);
          for (const { status, text } of await Promise.all(said)) assert.equal(status, 201, text);
          asked += 1;
        }
      }
      assert.equal(await postedOf(user), OPENING - asked * 7);
    });

    test('in a reply it is replaced, and the reply is charged and kept', async () => {
      const user = await server.newUser();
      const talker = new Talker(server.url, user.access);
      const { id } = await talker.begin();
      const rows = [
        [[{ say: 'a\0b' }, { waitMs: 700 }, { say: 'c' }], 'a\ufffdbc'],
        [[{ say: 'smile \ud83d' }, { waitMs: 700 }, { say: '\ude00 ok' }], 'smile \u{1f600} ok'],
        [[{ say: '\ud83d' }, { say: 'x\udc00' }], '\ufffdx\ufffd'],
        [[{ say: 'the end \ud83d' }], 'the end \ufffd'],
        [[{ say: 'cut \ud83d' }, { fail: 'broken' }], 'cut \ufffd'],
      ] as const;
      for (const [steps, reply] of rows) {
        const sent = (await talker.say(id, script(...steps))).json as { id: string };
        const events = await talker.follow(sent.id);
        assert.equal(textOf(events), reply, 'as it comes');
        const { reply: kept, cost } = events.at(-1)?.data ?? {};
        assert.deepEqual({ kept, cost }, { kept: reply, cost: 100 });
        assert.equal(textOf(await talker.follow(sent.id, { from: '0' })), reply, 'read again');
      }
      assert.equal(await postedOf(user), OPENING - rows.length * 100);
    });

    test('a reply under /v1/ is passed on as the provider sent it, and is charged', async () => {
      const user = await server.newUser();
      emulator.behave({ text: 'the whole \0 answer' });
      const { messages } = WIRES['/v1/chat/completions']('say U+0000');
      for (const stream of [false, true]) {
        const body = { messages, stream };
        const answer = await ask(user, '/v1/chat/completions', body, `key ${stream}`);
        assert.equal(answer.status, 200);
        assert.match(answer.text, /\\u0000/);
        const again = await ask(user, '/v1/chat/completions', body, `key ${stream}`);
        assert.equal(again.headers['idempotent-replayed'], 'true', again.text);
        assert.equal(again.text, answer.text);
      }
      assert.equal(await postedOf(user), OPENING - 2 * 7);
    });
  }),
);
