/** Chats of other products: imported free of charge, each once, and only into one's own account. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { flatPrice } from '../../../src/core/pricing.ts';
import { faultsOf } from '../../support/chit.ts';
import { type ShownMessage, Talker } from '../../support/conversations.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ScriptedModel, scriptedModel } from '../../support/scripted-model.ts';

const DAY_MS = 86_400_000;
const LAST_WEEK = Date.now() - 7 * DAY_MS;

function message(id: string, parent: string | null, nth: number, more = {}) {
  return {
    id,
    parent: parent === null ? null : { id: parent, created_ms: LAST_WEEK + nth - 1 },
    content: `question ${id}`,
    reply: `answer ${id}`,
    model: 'other-model',
    created_ms: LAST_WEEK + nth,
    ...more,
  };
}

function chat(id: string, more = {}) {
  return {
    id,
    title: `Chat ${id}`,
    system_prompt: 'Be brief.',
    created_ms: LAST_WEEK,
    updated_ms: LAST_WEEK + 100,
    leaf: { id: 'b', created_ms: LAST_WEEK + 2 },
    messages: [message('a', null, 1), message('b', 'a', 2), message('c', 'a', 2)],
    ...more,
  };
}

onEachDatabase((at) =>
  describe('importing chats', () => {
    let server: ModelServer;
    let model: ScriptedModel;
    let user: Awaited<ReturnType<ModelServer['newUser']>>;
    let talker: Talker;

    before(async () => {
      model = scriptedModel(flatPrice(100));
      const settings = { CHIT_DATABASE_URL: await at.newUrl(), CHIT_KEEP_CHATS_DAYS: '30' };
      server = await startModelServer([model], settings);
    });
    beforeEach(async () => {
      user = await server.newUser();
      talker = new Talker(server.url, user.access);
    });
    after(async () => {
      assert.deepEqual(await faultsOf(server.chit), []);
      await server.close();
    });

    const send = (chats: object[], source = 'chatgpt', by = talker) =>
      by.call('POST', '/api/conversations/import/', { source, chats });
    const knownOf = async (ids: string[], source = 'chatgpt') =>
      (await talker.call('POST', '/api/conversations/import/known/', { source, ids })).json;
    const said = (messages: readonly ShownMessage[]) =>
      messages
        .map(({ content, reply, cost }) => [content, reply, cost])
        .toSorted((a, b) => `${a[0]}`.localeCompare(`${b[0]}`));

    test('they are there with branches and dates, cost nothing, and go on', async () => {
      const before = await server.balanceOf(user.userId);
      const done = await send([chat('one')]);
      assert.deepEqual([done.status, done.json], [200, { added: 3, known: 0, too_old: 0 }]);
      const [shown] = await talker.conversations();
      assert.equal(shown?.title, 'Chat one');
      assert.equal(shown?.system_prompt, 'Be brief.');
      const messages = await talker.messages(shown?.id ?? '');
      assert.deepEqual(said(messages), [
        ['question a', 'answer a', null],
        ['question b', 'answer b', null],
        ['question c', 'answer c', null],
      ]);
      const byContent = new Map(messages.map((it) => [it.content, it]));
      const [a, b, c] = ['a', 'b', 'c'].map((it) => byContent.get(`question ${it}`));
      assert.deepEqual([a?.parent, b?.parent, c?.parent], [null, a?.id, a?.id]);
      assert.equal(shown?.leaf, b?.id);
      const dates = messages.map((it) => (it as { created_at?: string }).created_at);
      assert.ok(dates.every((it) => Date.parse(it ?? '') - LAST_WEEK < 10));
      assert.deepEqual(await server.balanceOf(user.userId), before);
      const next = await talker.exchange(shown?.id ?? '', 'and now?', { parent: b?.id });
      assert.equal(next.cost, 100);
      assert.deepEqual(
        model.requests.at(-1)?.promptContext.turns.map(({ content }) => content),
        ['question a', 'question b'],
      );
    });

    test('importing again adds nothing; what is new in a chat is added, and its place kept', async () => {
      await send([chat('one'), chat('two')]);
      const again = await send([chat('one'), chat('two')]);
      assert.deepEqual(again.json, { added: 0, known: 6, too_old: 0 });
      assert.deepEqual(await knownOf(['one', 'three', 'two']), { known: ['one', 'two'] });
      assert.deepEqual(await knownOf(['one'], 'claude'), { known: [] });
      const [two] = (await talker.conversations()).filter(({ title }) => title === 'Chat two');
      const ours = await talker.exchange(two?.id ?? '', 'mine', { parent: two?.leaf ?? '' });
      const more = chat('two', { messages: [message('d', 'b', 3)] });
      assert.deepEqual((await send([more])).json, { added: 1, known: 0, too_old: 0 });
      const after = (await talker.conversations()).find(({ title }) => title === 'Chat two');
      assert.equal(after?.leaf, ours.id);
      const added = (await talker.messages(two?.id ?? '')).find(
        (it) => it.content === 'question d',
      );
      assert.equal(added?.parent, two?.leaf);
      assert.equal((await talker.conversations()).length, 2);
    });

    test('a long chat comes in parts; a message whose parent never came begins a branch', async () => {
      const leaf = (id: string, nth: number) => ({ id, created_ms: LAST_WEEK + nth });
      await send([chat('long', { messages: [message('a', null, 1)], leaf: leaf('a', 1) })]);
      const rest = [message('b', 'a', 2), message('x', 'nobody', 5)];
      await send([chat('long', { messages: rest, leaf: leaf('b', 2) })]);
      const [shown] = await talker.conversations();
      const messages = await talker.messages(shown?.id ?? '');
      const of = (name: string) => messages.find((it) => it.content === `question ${name}`);
      assert.deepEqual([of('b')?.parent, of('x')?.parent], [of('a')?.id, null]);
      assert.equal(shown?.leaf, of('b')?.id);
    });

    test('a chat that was deleted comes back if it is imported again', async () => {
      await send([chat('one')]);
      const [shown] = await talker.conversations();
      await talker.call('DELETE', `/api/conversations/${shown?.id}/`);
      assert.deepEqual(await knownOf(['one']), { known: [] });
      assert.deepEqual((await send([chat('one')])).json, { added: 3, known: 0, too_old: 0 });
      assert.equal((await talker.messages(shown?.id ?? '')).length, 3);
    });

    test('each user has chats of their own, also from the same file', async () => {
      await send([chat('one')]);
      const other = new Talker(server.url, (await server.newUser()).access);
      assert.deepEqual((await send([chat('one')], 'chatgpt', other)).json, {
        added: 3,
        known: 0,
        too_old: 0,
      });
      const [mine] = await talker.conversations();
      assert.equal((await other.call('GET', `/api/conversations/${mine?.id}/`)).status, 404);
    });

    test('chats older than chats are kept are left out', async () => {
      const old = chat('old', { updated_ms: Date.now() - 31 * DAY_MS });
      assert.deepEqual((await send([old, chat('new')])).json, { added: 3, known: 0, too_old: 3 });
      assert.equal((await talker.conversations()).length, 1);
    });

    test('what is no chat is refused; what has no name gets one', async () => {
      const odd = message('a', null, 1, { content: 'First line\nand more', reply: '', model: '' });
      assert.equal((await send([chat('odd', { title: '', messages: [odd] })])).status, 200);
      const [shown] = await talker.conversations();
      const [stored] = await talker.messages(shown?.id ?? '');
      assert.deepEqual([stored?.reply, shown?.title], ['', 'First line']);
      const wrong = [
        [{}],
        [chat('', {})],
        [chat('x', { title: '\0' })],
        [chat('x', { messages: [{ ...odd, created_ms: -1 }] })],
        [chat('x', { messages: 7 })],
        Array.from({ length: 101 }, (_, nth) => chat(`c${nth}`, { messages: [] })),
      ];
      for (const chats of wrong) assert.equal((await send(chats)).status, 400);
      assert.equal((await send([chat('x')], 'elsewhere')).status, 400);
      assert.equal((await talker.conversations()).length, 1);
    });
  }),
);
