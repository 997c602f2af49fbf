/** Replies outlive their readers: followed, left, resumed, stopped, charged once. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackgroundJobs } from '../../../src/app/operations/background-jobs.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { faultsOf } from '../../support/chit.ts';
import { type ShownMessage, Talker, textOf } from '../../support/conversations.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ScriptedModel, script, scriptedModel } from '../../support/scripted-model.ts';

const WORDS = ['one ', 'two ', 'three ', 'four ', 'five '];
const SLOW = script(...WORDS.flatMap((say) => [{ say }, { waitMs: 60 }]));
const WHOLE = WORDS.join('');

// In a suite of its own, since the database is closed after the enclosing one.
onEachDatabase((at) =>
  describe('over HTTP', () => {
    let model: ScriptedModel;
    let server: ModelServer;
    let user: Awaited<ReturnType<ModelServer['newUser']>>;
    let talker: Talker;
    let conversation: string;

    before(async () => {
      model = scriptedModel(flatPrice(100));
      server = await startModelServer([model], { CHIT_DATABASE_URL: await at.newUrl() });
    });
    beforeEach(async () => {
      user = await server.newUser();
      talker = new Talker(server.url, user.access);
      conversation = (await talker.begin()).id;
    });
    after(async () => {
      assert.deepEqual(await faultsOf(server.chit), []);
      await server.close();
    });

    const begin = async (content: string): Promise<ShownMessage> =>
      (await talker.say(conversation, content)).json as ShownMessage;
    const balance = () => server.balanceOf(user.userId);

    test('a message is pending at once, and its reply is streamed', async () => {
      const { status, json } = await talker.say(conversation, SLOW);
      assert.equal(status, 201);
      const message = json as ShownMessage;
      assert.equal(message.status, 'pending');
      assert.equal(message.cost, null);
      const events = await talker.follow(message.id);
      assert.equal(textOf(events), WHOLE);
      assert.ok(events.filter(({ event }) => event === 'delta').length > 2);
      assert.equal(events.at(-1)?.event, 'done');
      assert.equal(events.at(-1)?.data.status, 'complete');
      assert.equal(events.at(-1)?.data.cost, 100);
    });

    test('a client that reconnects gets what it missed and continues, in any number of tabs', async () => {
      const { id } = await begin(SLOW);
      const seen = await talker.follow(id, { events: 2 });
      const rest = talker.follow(id, { from: seen.at(-1)?.id ?? '' });
      const anew = talker.follow(id);
      assert.equal(textOf(seen) + textOf(await rest), WHOLE);
      assert.equal(textOf(await anew), WHOLE);
      const late = await talker.follow(id, { from: '4' });
      assert.equal(textOf(late), WHOLE.slice(4));
      assert.equal(model.requests.filter(({ content }) => content === SLOW).length > 0, true);
      assert.deepEqual(await balance(), { postedCredits: 3_900, heldCredits: 0 });
    });

    test('disconnecting from a stream does not stop the reply', async () => {
      const { id } = await begin(SLOW);
      await talker.follow(id, { events: 1 });
      let [message] = await talker.messages(conversation);
      for (const endMs = Date.now() + 60_000; message?.status === 'pending'; ) {
        assert.ok(Date.now() < endMs, 'the reply does not end');
        await sleep(50);
        [message] = await talker.messages(conversation);
      }
      assert.equal(message?.reply, WHOLE);
      assert.equal(message?.status, 'complete');
    });

    test('Stop ends the reply and keeps what arrived; a second Stop changes nothing', async () => {
      const { id } = await begin(script({ say: 'half of it' }, { hang: true }));
      const following = talker.follow(id);
      await talker.follow(id, { events: 1 });
      const stopped = await talker.call('POST', `/api/messages/${id}/stop/`, {});
      const { reply, status, cost } = stopped.json as ShownMessage;
      assert.deepEqual([reply, status, cost], ['half of it', 'incomplete', 100]);
      assert.equal((await following).at(-1)?.data.status, 'incomplete');
      assert.deepEqual((await talker.call('POST', `/api/messages/${id}/stop/`, {})).json, {
        ...(stopped.json as object),
      });
      assert.deepEqual(await balance(), { postedCredits: 3_900, heldCredits: 0 });
    });

    test('others cannot read a reply in progress', async () => {
      const { id } = await begin(script({ say: 'a secret' }, { waitMs: 300 }, { say: ' more' }));
      const stranger = new Talker(server.url, (await server.newUser()).access);
      const answer = await stranger.call('GET', `/api/messages/${id}/stream/`);
      assert.equal(answer.status, 404);
      assert.equal(answer.text.includes('secret'), false);
      assert.equal((await stranger.call('POST', `/api/messages/${id}/stop/`, {})).status, 404);
      assert.equal(textOf(await talker.follow(id)), 'a secret more');
    });

    test('a chat of the original API that is stopped by id costs what was delivered', async () => {
      const message = script({ say: 'all of it' }, { waitMs: 60_000 });
      const chat = talker.call('POST', '/api/chat/', { message, stream: true });
      const { context } = server.chit;
      while (!context.generations.accountIds.includes(user.userId)) await sleep(5);
      await sleep(50);
      const [gathered] = (await talker.conversations()).filter(({ id }) => id !== conversation);
      const [{ id } = { id: '' }] = await talker.messages(gathered?.id ?? '');
      const stopped = await talker.call('POST', `/api/messages/${id}/stop/`, {});
      const { reply, status, cost } = stopped.json as ShownMessage;
      assert.deepEqual([reply, status, cost], ['all of it', 'incomplete', 100]);
      assert.match((await chat).text, /all of it/);
      assert.deepEqual(await balance(), { postedCredits: 3_900, heldCredits: 0 });
    });

    test('a reply stopped before its first word costs nothing', async () => {
      const { id } = await begin(script({ hang: true }));
      const { json } = await talker.call('POST', `/api/messages/${id}/stop/`, {});
      assert.deepEqual([(json as ShownMessage).status, (json as ShownMessage).cost], ['failed', 0]);
      assert.deepEqual(await balance(), { postedCredits: 4_000, heldCredits: 0 });
    });

    test('a retry returns the existing message', async () => {
      const first = await talker.say(conversation, 'once', {}, 'key');
      await talker.follow((first.json as ShownMessage).id);
      const again = await talker.say(conversation, 'once', {}, 'key');
      assert.equal(again.headers['idempotent-replayed'], 'true');
      assert.equal((again.json as ShownMessage).id, (first.json as ShownMessage).id);
      assert.equal((await talker.say(conversation, 'other', {}, 'key')).status, 422);
      assert.deepEqual(await balance(), { postedCredits: 3_900, heldCredits: 0 });
    });

    test('without a balance nothing starts', async () => {
      const { ledger, now } = server.chit.context;
      const ids = { transferId: `poor-${user.userId}`, accountId: user.userId, credits: -3_950 };
      const why = { actor: 'test', reason: 'test', idempotency: undefined, atMs: now() };
      await ledger.submit({ kind: 'grant', ...ids, ...why });
      const asked = model.requests.length;
      const { status, json } = await talker.say(conversation, 'hello');
      assert.equal(status, 400);
      assert.deepEqual(json, { error: 'Insufficient tokens' });
      assert.equal(model.requests.length, asked);
      assert.deepEqual(await talker.messages(conversation), []);
    });
  }),
);

onEachDatabase((at) => {
  describe('two servers on one database', () => {
    let one: ModelServer;
    let two: ModelServer;
    let stopUpkeep: () => Promise<void>;
    let userId: number;
    let here: Talker;
    let there: Talker;
    let conversation: string;

    before(async () => {
      // A database in memory cannot be shared, so SQLite gets a file.
      const settings = { CHIT_DATABASE_URL: await at.newUrl() };
      one = await startModelServer([scriptedModel(flatPrice(100))], settings);
      two = await startModelServer([scriptedModel(flatPrice(100))], settings);
      const faults: unknown[] = [];
      const upkeep = [one, two].map(
        ({ chit }) => new BackgroundJobs(chit.context, (error) => faults.push(error)),
      );
      for (const it of upkeep) await it.start();
      stopUpkeep = async () => {
        for (const it of upkeep) await it.stop();
        assert.deepEqual(faults, []);
      };
    });
    beforeEach(async () => {
      const user = await one.newUser();
      userId = user.userId;
      here = new Talker(one.url, user.access);
      there = new Talker(two.url, user.access);
      ({ id: conversation } = await here.begin());
    });
    after(async () => {
      await stopUpkeep();
      assert.deepEqual(await faultsOf(two.chit), []);
      await two.close();
      await one.close();
    });

    test('a reply generated by one server can be followed on the other', async () => {
      const slow = script(...WORDS.flatMap((say) => [{ say }, { waitMs: 250 }]));
      const said = (await here.say(conversation, slow)).json as ShownMessage;
      const events = await there.follow(said.id);
      assert.equal(textOf(events), WHOLE);
      assert.equal(events.at(-1)?.data.status, 'complete');
    });

    test('a reply stopped on the other server is charged and kept as far as delivered', async () => {
      const hanging = script({ say: 'half of it' }, { hang: true });
      const { id } = (await here.say(conversation, hanging)).json as ShownMessage;
      await here.follow(id, { events: 1 });
      // Immediately, before any of it is in the journal.
      const stopped = await there.call('POST', `/api/messages/${id}/stop/`, {});
      const { reply, status, cost } = stopped.json as ShownMessage;
      assert.deepEqual([reply, status, cost], ['half of it', 'incomplete', 100]);
      assert.deepEqual(await two.balanceOf(userId), { postedCredits: 3_900, heldCredits: 0 });
    });

    test('what a model thinks is the same on both servers, live, stopped, read again and stored', async () => {
      const thought = 'thoughts that are long enough to be journaled at once '.repeat(40);
      const steps = [{ nonReplyOutput: thought }, { say: 'words' }, { waitMs: 50 }];
      const { id } = (await here.say(conversation, script(...steps, { hang: true })))
        .json as ShownMessage;
      const other = there.follow(id);
      const seen = await here.follow(id, { events: 2 });
      assert.deepEqual(
        seen.map(({ event, id: position }) => [event, position]),
        [
          ['thinking', `0.${thought.length}`],
          ['delta', `5.${thought.length}`],
        ],
      );
      assert.equal(typeof (seen[0]?.data as { ms?: number }).ms, 'number');
      const stopped = await there.call('POST', `/api/messages/${id}/stop/`, {});
      const { reply, cost, thinking } = stopped.json as ShownMessage & { thinking: Thought };
      assert.deepEqual([reply, cost, thinking?.has_text], ['words', 100, true]);
      for (const events of [await other, await there.follow(id), await here.follow(id)]) {
        assert.equal(textOf(events), 'words');
        assert.equal(thinkingOf(events), thought);
      }
      // Whoever has the beginning gets the rest.
      const rest = await there.follow(id, { from: '0.9' });
      assert.equal(thinkingOf(rest), thought.slice(9));
      assert.deepEqual((await there.call('GET', `/api/messages/${id}/thinking/`)).json, {
        thinking: thought,
      });
    });

    test('what local models think aloud is no part of the reply, unless the original API asked', async () => {
      const steps = [{ say: '<th' }, { say: 'ink>\nhm</thi' }, { say: 'nk>\n\nYes.' }];
      const { id } = (await here.say(conversation, script(...steps))).json as ShownMessage;
      const events = await here.follow(id);
      assert.deepEqual([thinkingOf(events), textOf(events)], ['hm', 'Yes.']);
      assert.equal(events.at(-1)?.data.reply, 'Yes.');
      const message = script(...steps);
      const { json } = await here.call('POST', '/api/chat/', { message });
      assert.equal((json as { response: string }).response, '<think>\nhm</think>\n\nYes.');
    });

    test('thinking is exported, shared with nobody, and erased with its message', async () => {
      // The escape is in the message, the word only in what the model thinks.
      const content = '[{"nonReplyOutput":"secret \\u0064oubts"},{"say":"sure"}]';
      const { id } = (await here.say(conversation, content)).json as ShownMessage;
      await here.follow(id);
      const path = `/api/conversations/${conversation}`;
      const exported = (await here.call('GET', `${path}/export/?format=json`)).json;
      const { messages } = exported as { messages: { thinking: Thought }[] };
      assert.equal(messages[0]?.thinking?.text, 'secret doubts');
      assert.match((await here.call('GET', '/api/account/export/')).text, /secret doubts/);
      const { json } = await here.call('POST', `${path}/share/`, {});
      const { share } = json as { share: string };
      const { text, status } = await there.call('GET', `/api${share}/`);
      assert.equal(status, 200);
      assert.doesNotMatch(text, /thinking|secret doubts/);
      const found = await here.call('GET', '/api/conversations/?q=doubts');
      assert.equal(found.text.includes(conversation), false);
      await here.call('DELETE', `${path}/`);
      assert.equal(await one.chit.context.messages.thinkingOf(userId, id), '');
    });
  });
});

type Thought = { has_text: boolean; text?: string } | null;

function thinkingOf(events: readonly { event: string | undefined; data: { text?: string } }[]) {
  return events
    .flatMap(({ event, data }) => (event === 'thinking' ? [data.text ?? ''] : []))
    .join('');
}
