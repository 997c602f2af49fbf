/** Conversations: created, found, branched, shared, deleted; each only by its owner. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { flatPrice } from '../../../src/core/pricing.ts';
import { faultsOf } from '../../support/chit.ts';
import { Talker } from '../../support/conversations.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { type ScriptedModel, script, scriptedModel } from '../../support/scripted-model.ts';

// In a suite of its own, since the database is closed after the enclosing one.
onEachDatabase((at) =>
  describe('over HTTP', () => {
    let model: ScriptedModel;
    let server: ModelServer;
    let user: Awaited<ReturnType<ModelServer['newUser']>>;
    let talker: Talker;

    before(async () => {
      const options = { efforts: ['low', 'high'], takesTemperature: true } as const;
      model = Object.assign(scriptedModel(flatPrice(100)), options);
      server = await startModelServer([model], { CHIT_DATABASE_URL: await at.newUrl() });
    });
    beforeEach(async () => {
      user = await server.newUser();
      talker = new Talker(server.url, user.access);
    });
    after(async () => {
      assert.deepEqual(await faultsOf(server.chit), []);
      await server.close();
    });

    test('the model reads the branch so far; the title is the first line', async () => {
      const { id } = await talker.begin({ system_prompt: 'Be brief.' });
      const first = await talker.exchange(id, '  Who was\nAda?');
      assert.equal(first.reply, 'You said:   Who was\nAda?');
      assert.equal(first.cost, 100);
      const second = await talker.exchange(id, 'And then?', { parent: first.id });
      const { promptContext } = model.requests.at(-1) ?? {};
      assert.deepEqual(promptContext, {
        systemPrompt: 'Be brief.',
        turns: [{ content: '  Who was\nAda?', reply: 'You said:   Who was\nAda?' }],
      });
      const [shown] = await talker.conversations();
      assert.equal(shown?.title, 'Who was');
      assert.equal(shown?.leaf, second.id);
      assert.deepEqual(
        (await talker.messages(id)).map((it) => [it.id, it.parent]),
        [
          [second.id, first.id],
          [first.id, null],
        ],
      );
    });

    test('effort and temperature are kept with a conversation, and told to models that have them', async () => {
      const options = { effort: 'low', temperature: 0.7 };
      const begun = await talker.begin(options);
      const shown = ({ effort, temperature }: Record<string, unknown>) => ({ effort, temperature });
      assert.deepEqual(shown({ ...begun }), options);
      await talker.exchange(begun.id, 'one');
      assert.deepEqual(model.requests.at(-1)?.options, { effort: 'low', temperature: 0.7 });
      const path = `/api/conversations/${begun.id}/`;
      const changed = await talker.call('PATCH', path, { effort: 'max', temperature: null });
      const now = { effort: 'max', temperature: null };
      assert.deepEqual(shown(changed.json as Record<string, unknown>), now);
      await talker.exchange(begun.id, 'two');
      assert.deepEqual(model.requests.at(-1)?.options, {
        effort: undefined,
        temperature: undefined,
      });
      for (const wrong of [{ effort: 'much' }, { temperature: 2.1 }, { temperature: -1 }]) {
        assert.equal((await talker.call('PATCH', path, wrong)).status, 400);
      }
      const { json } = await talker.call('GET', path);
      assert.deepEqual(shown(json as Record<string, unknown>), now);
      const { share } = json as { share: unknown };
      const sneaky = await talker.call('PATCH', path, { shareToken: 'mine', title: 'x' });
      assert.deepEqual([sneaky.status, (sneaky.json as { share: unknown }).share], [200, share]);
    });

    test('an edited message starts a branch, and each branch has its own history', async () => {
      const { id } = await talker.begin();
      const root = await talker.exchange(id, 'one');
      await talker.exchange(id, 'two', { parent: root.id });
      const other = await talker.exchange(id, 'two, other words', { parent: root.id });
      await talker.exchange(id, 'three', { parent: other.id });
      const { promptContext } = model.requests.at(-1) ?? {};
      assert.deepEqual(
        promptContext?.turns.map(({ content }) => content),
        ['one', 'two, other words'],
      );
      assert.equal((await talker.messages(id)).length, 4);
      const path = `/api/conversations/${id}/`;
      assert.equal((await talker.call('PATCH', path, { leaf: root.id })).status, 200);
      const { text: markdown } = await talker.call('GET', `${path}export/`);
      assert.match(markdown, /You said: one/);
      assert.doesNotMatch(markdown, /You said: two/);
    });

    test('messages without a reply are not sent to the model', async () => {
      const { id } = await talker.begin();
      const failed = await talker.exchange(id, script({ fail: 'down' }));
      assert.equal(failed.status, 'failed');
      assert.equal(failed.cost, 0);
      await talker.exchange(id, 'again', { parent: failed.id });
      assert.deepEqual(model.requests.at(-1)?.promptContext.turns, []);
    });

    test('a parent from another conversation, an unknown model, a blank message: refused and not charged', async () => {
      const { id } = await talker.begin();
      const { id: elsewhere } = await talker.begin();
      const there = await talker.exchange(elsewhere, 'there');
      const asked = model.requests.length;
      assert.equal((await talker.say(id, 'x', { parent: there.id })).status, 400);
      assert.equal((await talker.say(id, 'x', { parent: 'none' })).status, 400);
      assert.equal((await talker.say(id, 'x', { model: 'none' })).status, 404);
      assert.equal((await talker.say(id, ' ')).status, 400);
      assert.equal((await talker.say('none', 'x')).status, 404);
      assert.equal(model.requests.length, asked);
      assert.deepEqual(await server.balanceOf(user.userId), {
        postedCredits: 3_900,
        heldCredits: 0,
      });
    });

    test('users cannot reach what belongs to others', async () => {
      const { id } = await talker.begin({ title: 'mine' });
      const message = await talker.exchange(id, 'secret');
      const other = new Talker(server.url, (await server.newUser()).access);
      const path = `/api/conversations/${id}/`;
      for (const [method, where, body] of [
        ['GET', path],
        ['PATCH', path, { title: 'theirs' }],
        ['DELETE', path],
        ['GET', `${path}messages/`],
        ['POST', `${path}messages/`, { message: 'x' }],
        ['GET', `${path}export/`],
        ['POST', `${path}share/`, {}],
        ['DELETE', `${path}share/`],
        ['GET', `/api/messages/${message.id}/stream/`],
        ['POST', `/api/messages/${message.id}/stop/`, {}],
      ] as const) {
        const { status, text } = await other.call(method, where, body);
        assert.equal(status, 404, `${method} ${where}: ${text}`);
      }
      assert.deepEqual(await other.conversations(), []);
      assert.equal((await talker.conversations())[0]?.title, 'mine');
    });

    test('chats of the original API form a conversation named after the first message', async () => {
      for (const message of ['First words', 'Second words']) {
        await talker.call('POST', '/api/chat/', { message });
      }
      const [loose] = await talker.conversations();
      assert.equal(loose?.title, 'First words');
      const [second, first] = await talker.messages(loose?.id ?? '');
      assert.deepEqual([first?.content, second?.content], ['First words', 'Second words']);
      assert.deepEqual([first?.parent, second?.parent], [null, first?.id]);
      await talker.call('POST', '/api/chat/', { message: 'Third words' });
      const all = await talker.conversations();
      assert.equal(all.length, 1);
      const [third] = await talker.messages(all[0]?.id ?? '');
      assert.equal(third?.parent, second?.id);
      assert.equal(all[0]?.leaf, third?.id);
    });

    test('conversations are found by title and text, case-insensitively, in pages', async () => {
      for (const [title, words] of [
        ['Shopping', 'Milk and 100% juice'],
        ['Travel', 'To Zanzibar'],
        ['Work', 'Milk again'],
        ['Путешествие', 'Привет из Ёлкино'],
      ]) {
        const { id } = await talker.begin({ title });
        await talker.exchange(id, words as string);
      }
      const titles = async (query: string) =>
        (await talker.conversations(query)).map(({ title }) => title);
      assert.deepEqual(await titles(''), ['Путешествие', 'Work', 'Travel', 'Shopping']);
      assert.deepEqual(await titles('?q=MILK'), ['Work', 'Shopping']);
      assert.deepEqual(await titles('?q=travel'), ['Travel']);
      assert.deepEqual(await titles('?q=100%25'), ['Shopping']);
      assert.deepEqual(await titles('?q=%25'), ['Shopping']);
      assert.deepEqual(await titles('?q=nothing'), []);
      for (const words of ['Привет', 'пРИВЕТ', 'ЁЛК', 'путеш', 'said: привет']) {
        assert.deepEqual(await titles(`?q=${encodeURIComponent(words)}`), ['Путешествие'], words);
      }
      const { json } = await talker.call('GET', '/api/conversations/?limit=2');
      const page = json as { has_more: boolean; next_cursor: string };
      assert.equal(page.has_more, true);
      assert.deepEqual(await titles(`?limit=2&cursor=${page.next_cursor}`), ['Travel', 'Shopping']);
    });

    test('concurrent sharing creates one link', async () => {
      for (let round = 0; round < 5; round += 1) {
        const { id } = await talker.begin();
        const path = `/api/conversations/${id}/share/`;
        const answers = await Promise.all(
          Array.from({ length: 8 }, () => talker.call('POST', path)),
        );
        const links = new Set(answers.map(({ json }) => (json as { share: string }).share));
        assert.equal(links.size, 1);
        assert.equal((await send(`${server.url}/api${[...links][0]}/`)).status, 200);
      }
    });

    test('what is deleted is gone, and the ledger still adds up', async () => {
      const { id } = await talker.begin();
      const message = await talker.exchange(id, 'to be forgotten');
      const running = await talker.say(id, script({ say: 'half' }, { hang: true }));
      const { id: runningId } = running.json as { id: string };
      await talker.follow(runningId, { events: 1 });
      assert.equal((await talker.call('DELETE', `/api/conversations/${id}/`)).status, 204);
      assert.equal((await talker.call('DELETE', `/api/conversations/${id}/`)).status, 404);
      assert.deepEqual(await talker.conversations(), []);
      assert.deepEqual(await talker.conversations('?q=forgotten'), []);
      const kept = await server.chit.context.messages.find(user.userId, message.id);
      assert.deepEqual([kept?.content, kept?.reply], ['', '']);
      // Deleting stops the reply; it is settled a moment later.
      await server.chit.context.generations.idle();
      assert.deepEqual(await server.balanceOf(user.userId), {
        postedCredits: 3_800,
        heldCredits: 0,
      });
    });

    test('the Markdown export has the messages', async () => {
      const { id } = await talker.begin({ title: 'For the record' });
      await talker.exchange(id, 'keep this');
      const path = `/api/conversations/${id}/export/`;
      const markdown = await talker.call('GET', path);
      assert.match(String(markdown.headers['content-type']), /^text\/markdown/);
      assert.match(String(markdown.headers['content-disposition']), /attachment/);
      assert.match(markdown.text, /^# For the record\n[\s\S]*keep this[\s\S]*You said: keep this/);
      assert.equal((await talker.call('GET', `${path}?format=pdf`)).status, 400);
    });

    test('the JSON export has every branch, with the cost of each reply', async () => {
      const { id } = await talker.begin({ title: 'All of it' });
      const first = await talker.exchange(id, 'one');
      const other = await talker.exchange(id, 'one, in other words');
      const failed = await talker.exchange(id, script({ fail: 'down' }), { parent: other.id });
      const { json } = await talker.call('GET', `/api/conversations/${id}/export/?format=json`);
      const { title, messages } = json as { title: string; messages: unknown[] };
      assert.equal(title, 'All of it');
      assert.deepEqual(messages, [first, other, failed]);
      assert.deepEqual(
        [first, other, failed].map((it) => [it.parent, it.status, it.cost]),
        [
          [null, 'complete', 100],
          [null, 'complete', 100],
          [other.id, 'failed', 0],
        ],
      );
    });

    test('invalid changes change nothing', async () => {
      const { id } = await talker.begin({ title: 'as it was' });
      const path = `/api/conversations/${id}/`;
      for (const body of [{ title: 5 }, { title: 'x'.repeat(201) }, { system_prompt: 'a\0b' }]) {
        assert.equal((await talker.call('PATCH', path, body)).status, 400);
      }
      assert.equal((await talker.call('PATCH', path, { model: 'none' })).status, 404);
      assert.equal((await talker.call('PATCH', path, { leaf: 'none' })).status, 400);
      const { json } = await talker.call('GET', path);
      assert.equal((json as { title: string }).title, 'as it was');
    });
  }),
);
