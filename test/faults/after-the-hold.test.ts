/** Something fails after credits are held or charged: nobody is told that nothing was charged. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopUnwanted } from '../../src/app/metering/stop-unwanted.ts';
import { ChitError, hasCode } from '../../src/core/errors.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { faultsOf, setActive } from '../support/chit.ts';
import { Talker } from '../support/conversations.ts';
import { onEachDatabase } from '../support/databases.ts';
import { held } from '../support/held-answer.ts';
import { type Answer, send } from '../support/http.ts';
import { type ModelServer, startModelServer } from '../support/model-server.ts';
import { type ProviderEmulator, startProviderEmulator } from '../support/providers/emulator.ts';
import { script, scriptedModel } from '../support/scripted-model.ts';
import { modelAt, providerAt } from '../support/upstream.ts';

const GPT = {
  model: 'gpt',
  messages: [{ role: 'user', content: 'Hello?' }],
  max_tokens: 100,
};
/** What a driver throws when its server is gone. */
const AWAY = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const away = () => Promise.reject(AWAY);

// In a suite of its own, since the database is closed after the enclosing one.
onEachDatabase((at) =>
  describe('over HTTP', () => {
    let emulator: ProviderEmulator;
    let server: ModelServer;
    /** Another one on the same database. */
    let other: ModelServer;
    let user: Awaited<ReturnType<ModelServer['newUser']>>;

    before(async () => {
      emulator = await startProviderEmulator();
      const settings = { CHIT_DATABASE_URL: await at.newUrl() };
      const models = () => [
        scriptedModel(flatPrice(100)),
        modelAt(providerAt(emulator, 'openai'), 'gpt', { price: flatPrice(100) }),
      ];
      server = await startModelServer(models(), settings);
      other = await startModelServer(models(), settings);
    });
    beforeEach(async () => {
      emulator.reset();
      user = await server.newUser();
    });
    after(async () => {
      assert.deepEqual(await faultsOf(server.chit), []);
      for (const it of [server, other]) await it.close();
      await emulator.close();
    });

    const post = (path: string, body: object, key?: string, at = server): Promise<Answer> => {
      const token = path.startsWith('/v1/') ? user.key : user.access;
      const headers: Record<string, string> = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(key ? { 'idempotency-key': key } : {}),
      };
      return send(`${at.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    };
    const balance = () => server.balanceOf(user.userId);
    const CHARGED = { postedCredits: 3_900, heldCredits: 0 };

    /** The ledger does what it is asked, but the answer to a settle comes only after the test. */
    const loseSettles = (t: TestContext, { ledger }: { ledger: Ledger }) => {
      const submit = ledger.submit.bind(ledger);
      const settled = Promise.withResolvers<void>();
      const answered = Promise.withResolvers<void>();
      t.after(async () => {
        answered.resolve();
        await server.chit.context.generations.idle();
      });
      t.mock.method(ledger, 'submit', async (command: Parameters<typeof submit>[0]) => {
        const result = await submit(command);
        if (command.kind !== 'settle') return result;
        settled.resolve();
        await answered.promise;
        return result;
      });
      return settled.promise;
    };

    test('the conversation cannot be updated: the message is accepted, and shown later', async (t) => {
      const { context } = server.chit;
      const talker = new Talker(server.url, user.access);
      const { id } = await talker.begin();
      const update = t.mock.method(context.conversations, 'showLatest', away, { times: 1 });
      const { status, json } = await talker.say(id, 'Hello?');
      assert.equal(status, 201);
      assert.equal(update.mock.callCount(), 1);
      const sent = json as { id: string };
      const events = await talker.follow(sent.id);
      assert.equal(events.at(-1)?.data.status, 'complete');
      assert.deepEqual(await balance(), CHARGED);
      for (let tries = 0; tries < 1_000; tries += 1) {
        const found = await context.conversations.find(user.userId, id);
        if (found?.leafId === sent.id && found.title === 'Hello?') return;
        await sleep(50);
      }
      assert.fail('the conversation does not show the message');
    });

    test('the server died before it updated the conversation: a retry does', async (t) => {
      const { context } = server.chit;
      const talker = new Talker(server.url, user.access);
      const { id } = await talker.begin();
      t.mock.method(context.conversations, 'showLatest', away);
      const first = await talker.say(id, 'Hello?', {}, 'key');
      const { id: messageId } = first.json as { id: string };
      await talker.follow(messageId);
      const again = await new Talker(other.url, user.access).say(id, 'Hello?', {}, 'key');
      assert.equal(again.status, 201);
      assert.equal(again.headers['idempotent-replayed'], 'true');
      const found = await context.conversations.find(user.userId, id);
      assert.equal(found?.leafId, messageId);
      assert.deepEqual(await balance(), CHARGED);
    });

    for (const isStream of [false, true]) {
      const what = isStream ? 'stream' : 'answer';
      test(`the server dies after the charge: a retry gets the whole ${what}`, async (t) => {
        emulator.behave({ text: 'This was paid.' });
        const body = { ...GPT, stream: isStream };
        const settled = loseSettles(t, server.chit.context);
        const lost = post('/v1/chat/completions', body, 'key');
        lost.catch(() => undefined);
        await settled;
        const again = await post('/v1/chat/completions', body, 'key', other);
        assert.equal(again.status, 200, again.text);
        assert.equal(again.headers['idempotent-replayed'], 'true');
        assert.match(again.text, /paid/);
        if (isStream) assert.match(again.text, /data: \[DONE\]\n\n$/);
        assert.deepEqual(await balance(), CHARGED);
        assert.equal(emulator.requests.length, 1);
      });
    }

    test('the end of a stream is told only once it is charged', async (t) => {
      emulator.behave({ text: 'Nearly done' });
      const settled = loseSettles(t, server.chit.context);
      const url = `${server.url}/v1/chat/completions`;
      const headers = { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ ...GPT, stream: true });
      const leave = new AbortController();
      const { signal } = leave;
      const response = await fetch(url, { method: 'POST', headers, body, signal });
      const decoder = new TextDecoder();
      let text = '';
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        text += decoder.decode(chunk, { stream: true });
        if (text.includes('"finish_reason":"stop"')) break;
      }
      await settled;
      assert.match(text, /done/);
      assert.doesNotMatch(text, /\[DONE\]/);
      leave.abort();
    });

    test('the user cannot be read after a stream was stopped: it is told all the same', async (t) => {
      emulator.behave({ words: 50, fault: { kind: 'hang', afterChunks: 3 } });
      const streamed = post('/v1/chat/completions', { ...GPT, stream: true });
      await emulator.waitForRequests(1);
      for (let tries = 0; server.chit.context.generations.ids.length === 0; tries += 1) {
        assert.ok(tries < 6_000);
        await sleep(5);
      }
      const [id = ''] = server.chit.context.generations.ids;
      for (let tries = 0; server.chit.context.generations.find(id)?.text === ''; tries += 1) {
        assert.ok(tries < 6_000);
        await sleep(5);
      }
      await setActive(other.chit, user.userId, false);
      t.mock.method(server.chit.context.users, 'byId', away);
      await stopUnwanted(server.chit.context);
      const { status, text } = await streamed;
      assert.equal(status, 200);
      assert.match(text, /The account was disabled/);
      assert.deepEqual(await balance(), CHARGED);
    });

    test('a charge whose answer was lost: it is not known whether it was charged', async (t) => {
      const { ledger } = server.chit.context;
      const submit = ledger.submitUntilKnown.bind(ledger);
      t.mock.method(ledger, 'submitUntilKnown', async (command: Parameters<typeof submit>[0]) => {
        const result = await submit(command);
        if (command.kind !== 'settle') return result;
        throw new ChitError('ledger_unavailable', { isOutcomeUnknown: false });
      });
      const chat = await post('/api/chat/', { message: 'Hello?' });
      assertUnknown(chat);
      assert.deepEqual(await balance(), CHARGED);
      const stream = await post('/api/chat/', { message: 'Hello?', stream: true });
      assert.match(stream.text, /event: error\n.*"is_outcome_unknown":true/);
      assert.doesNotMatch(stream.text, /Nothing was charged|event: done/);
      emulator.behave({ text: 'Nearly done' });
      const relayed = await post('/v1/chat/completions', { ...GPT, stream: true });
      assert.match(relayed.text, /it is not known whether/);
      assert.doesNotMatch(relayed.text, /Nothing was charged|\[DONE\]/);
    });

    test('the first answer cannot be read for a retry: nobody says that it was free', async (t) => {
      const { context } = server.chit;
      assert.equal((await post('/api/chat/', { message: 'Hello?' }, 'key')).status, 200);
      assert.equal((await post('/v1/chat/completions', GPT, 'v1')).status, 200);
      t.mock.method(context.messages, 'find', away);
      t.mock.method(context.idempotentResponses, 'find', away);
      assertUnknown(await post('/api/chat/', { message: 'Hello?' }, 'key'));
      assertUnknown(await post('/v1/chat/completions', GPT, 'v1'));
      t.mock.restoreAll();
      assert.equal((await post('/api/chat/', { message: 'Hello?' }, 'key')).status, 200);
      assert.equal((await post('/v1/chat/completions', GPT, 'v1')).status, 200);
    });

    test('the database is away while a reply is followed: nobody says that it was free', async (t) => {
      const { context } = server.chit;
      const talker = new Talker(server.url, user.access);
      const { id } = await talker.begin();
      const rest = held();
      const content = script({ say: 'one' }, rest.step, { say: 'two' });
      const { json } = await talker.say(id, content);
      const find = context.messages.find.bind(context.messages);
      let reads = 0;
      t.mock.method(context.messages, 'find', (...of: Parameters<typeof find>) => {
        reads += 1;
        return reads > 1 ? away() : find(...of);
      });
      const onBegun = rest.release;
      const events = await talker.follow((json as { id: string }).id, { onBegun });
      t.mock.restoreAll();
      const last = events.at(-1) as { event: string; data: object } | undefined;
      assert.equal(last?.event, 'error');
      assert.match(JSON.stringify(last?.data), /"is_outcome_unknown":true/);
      assert.doesNotMatch(JSON.stringify(last?.data), /Nothing was charged/);
      assert.deepEqual(await balance(), CHARGED);
    });

    test('a hold whose answer was lost is released: that nothing was charged is true', async (t) => {
      const { ledger } = server.chit.context;
      const submit = ledger.submit.bind(ledger);
      t.mock.method(ledger, 'submit', async (command: Parameters<typeof submit>[0]) => {
        const result = await submit(command);
        if (command.kind !== 'hold') return result;
        throw new ChitError('ledger_unavailable', { isOutcomeUnknown: true });
      });
      const refused = await post('/api/chat/', { message: 'Hello?' });
      assert.equal(refused.status, 503);
      assert.match(refused.text, /Nothing was charged/);
      for (let tries = 0; (await balance()).heldCredits > 0; tries += 1) {
        assert.ok(tries < 6_000);
        await sleep(10);
      }
      assert.deepEqual(await balance(), { postedCredits: 4_000, heldCredits: 0 });
    });

    test('a hold that another server released before its answer: the server was lost', async (t) => {
      const { ledger } = server.chit.context;
      const submit = ledger.submit.bind(ledger);
      t.mock.method(ledger, 'submit', async (command: Parameters<typeof submit>[0]) => {
        const result = await submit(command);
        if (command.kind !== 'hold') return result;
        // The first answer is lost; the lease of the server ends, and so does the hold.
        await other.chit.context.ledger.submit({
          kind: 'release',
          generationId: command.generationId,
          accountId: command.accountId,
          reason: 'server_lost_before_reply',
          atMs: command.atMs,
        });
        return submit(command);
      });
      const answer = await post('/v1/chat/completions', GPT);
      assert.equal(answer.status, 503);
      assert.equal(answer.headers['chit-error'], 'server_lost');
      assert.equal(emulator.requests.length, 0);
      assert.deepEqual(await balance(), { postedCredits: 4_000, heldCredits: 0 });
    });

    test('a response that cannot be begun: the hold is released', async () => {
      const { completeChat } = await import('../../src/app/chat/complete-chat.ts');
      const request = { userId: user.userId, content: 'Hello?', idempotency: undefined };
      const onAdmitted = () => {
        throw new Error('headers cannot be written');
      };
      const failed = completeChat(server.chit.context, { ...request, onAdmitted });
      await assert.rejects(failed, (error) => !hasCode(error, 'model_failed'));
      for (let tries = 0; (await balance()).heldCredits > 0; tries += 1) {
        assert.ok(tries < 6_000);
        await sleep(10);
      }
      assert.deepEqual(await balance(), { postedCredits: 4_000, heldCredits: 0 });
    });
  }),
);

function assertUnknown({ status, headers, text }: Answer): void {
  assert.equal(status, 503, text);
  assert.equal(headers['chit-error-params'], '{"is_outcome_unknown":true}');
  assert.doesNotMatch(text, /Nothing was charged/);
}
