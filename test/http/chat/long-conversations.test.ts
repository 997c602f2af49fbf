/** Long conversations: shared, listed and exported in parts of a bounded size. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { completeChat } from '../../../src/app/chat/complete-chat.ts';
import { listConversations } from '../../../src/app/chat/conversations.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { faultsOf, setActive } from '../../support/chit.ts';
import { type ShownMessage, Talker } from '../../support/conversations.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type Answer, send } from '../../support/http.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';

/** Of a message and of its reply. Two of both fit into a part of 1 MB. */
const LONG_CHARACTERS = 200_000;

interface Page {
  readonly messages: readonly ShownMessage[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

onEachDatabase((at) =>
  describe('over HTTP', () => {
    let server: ModelServer;
    let user: Awaited<ReturnType<ModelServer['newUser']>>;
    let talker: Talker;

    before(async () => {
      const model = scriptedModel(flatPrice(0), { outputLimit: LONG_CHARACTERS });
      server = await startModelServer([model], {
        CHIT_DATABASE_URL: await at.newUrl(),
        CHIT_MESSAGE_LIMIT_CHARACTERS: '1000000',
      });
    });
    beforeEach(async () => {
      user = await server.newUser();
      talker = new Talker(server.url, user.access);
    });
    after(async () => {
      assert.deepEqual(await faultsOf(server.chit), []);
      await server.close();
    });

    async function chain(id: string, contents: readonly string[], parent: string | null = null) {
      const made: ShownMessage[] = [];
      for (const content of contents) {
        const before = made.at(-1)?.id ?? parent;
        made.push(await talker.exchange(id, content, before === null ? {} : { parent: before }));
      }
      return made;
    }

    async function share(id: string): Promise<string> {
      const answer = await talker.call('POST', `/api/conversations/${id}/share/`, {});
      return `${server.url}/api${(answer.json as { share: string }).share}/`;
    }

    /** Reads all pages of a list. */
    async function pagesOf(read: (query: string) => Promise<Answer>): Promise<Page[]> {
      const pages: Page[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page = (await read(cursor === '' ? '' : `&cursor=${cursor}`)).json as Page;
        pages.push(page);
        cursor = page.next_cursor;
      }
      return pages;
    }

    const idsOf = (messages: readonly ShownMessage[]) => messages.map(({ id }) => id);

    test('a shared chat is read in pages, and no other branch can be reached', async () => {
      const { id } = await talker.begin();
      const shown = await chain(id, ['one', 'two', 'three', 'four', 'five']);
      const url = await share(id);
      const [other] = await chain(id, ['secret'], shown[1]?.id ?? null);
      // The new message is the branch that is shown; it is changed back.
      await talker.call('PATCH', `/api/conversations/${id}/`, { leaf: shown[4]?.id });
      const pages = await pagesOf((query) => send(`${url}?limit=2${query}`));
      assert.deepEqual(
        pages.map(({ messages }) => messages.length),
        [2, 2, 1],
      );
      assert.deepEqual(idsOf(pages.flatMap(({ messages }) => messages)), idsOf(shown));
      for (const cursor of [other?.id, shown[1]?.id]) {
        const { text } = await send(`${url}?cursor=${cursor}`);
        assert.ok(!text.includes('secret'));
      }
      assert.equal((await send(`${url}?cursor=nonsense`)).status, 400);
    });

    test('a page ends where its texts are long, and every message is on one', async () => {
      const { id } = await talker.begin();
      const long = script({ say: 'x'.repeat(LONG_CHARACTERS) });
      // Each a branch of its own, since a model reads its branch.
      for (let n = 0; n < 4; n += 1) await talker.exchange(id, long);
      const pages = await pagesOf((query) =>
        talker.call('GET', `/api/conversations/${id}/messages/?limit=200${query}`),
      );
      assert.deepEqual(
        pages.map(({ messages }) => messages.length),
        [2, 2],
      );
      const all = pages.flatMap(({ messages }) => messages);
      const exported = await talker.call('GET', `/api/conversations/${id}/export/?format=json`);
      const { messages } = exported.json as { messages: ShownMessage[] };
      assert.deepEqual(idsOf(messages), idsOf(all).toReversed());
      assert.ok(messages.every(({ reply }) => reply?.length === LONG_CHARACTERS));
      // What is written in pieces has no length that is known before.
      assert.equal(exported.headers['content-length'], undefined);
    });

    test('many messages of the original API move into a conversation, a few at a time', async () => {
      const { context } = server.chit;
      const sent: string[] = [];
      for (let n = 0; n < 220; n += 1) {
        const request = { userId: user.userId, content: `number ${n}`, idempotency: undefined };
        sent.push((await completeChat(context, request)).id);
      }
      let turns = 0;
      const count = () => {
        turns += 1;
        counting = setImmediate(count);
      };
      let counting = setImmediate(count);
      const { items } = await listConversations(context, user.userId, {
        after: undefined,
        limit: 10,
      });
      clearImmediate(counting);
      assert.ok(turns >= 3, 'the event loop went on between the slices');
      assert.equal(items.length, 1);
      assert.equal(items[0]?.leafId, sent.at(-1));
      const { messages } = await context.messages.branch(
        { conversationId: items[0]?.id ?? '', leafId: sent.at(-1) ?? '' },
        { afterId: undefined, limit: 1_000 },
      );
      assert.deepEqual(
        messages.map(({ id }) => id),
        sent,
      );
    });

    test('an empty conversation can be exported', async () => {
      const { id } = await talker.begin({ title: 'Nothing' });
      const path = `/api/conversations/${id}/export/`;
      const { json } = await talker.call('GET', `${path}?format=json`);
      assert.deepEqual((json as { messages: unknown[] }).messages, []);
      assert.equal((await talker.call('GET', path)).text, '# Nothing\n');
    });

    test('share links of disabled users do not work until they are enabled again', async () => {
      const { id } = await talker.begin();
      await talker.exchange(id, 'hello');
      const url = await share(id);
      await setActive(server.chit, user.userId, false);
      const refused = await send(url);
      assert.equal(refused.status, 404);
      assert.equal(refused.headers['chit-error'], 'conversation_not_found');
      assert.ok(!refused.text.includes('hello'));
      await setActive(server.chit, user.userId, true);
      assert.equal((await send(url)).status, 200);
    });

    test('twenty searches at once: a few are done, the others refused, and others go on', async () => {
      const { id } = await talker.begin();
      await talker.exchange(id, 'the needle');
      const other = await server.newUser();
      const searches = Array.from({ length: 20 }, () =>
        talker.call('GET', '/api/conversations/?q=needle'),
      );
      const theirs = new Talker(server.url, other.access);
      assert.equal((await theirs.call('GET', '/api/conversations/?q=needle')).status, 200);
      const answers = await Promise.all(searches);
      const refused = answers.filter(({ status }) => status !== 200);
      assert.ok(answers.some(({ status }) => status === 200));
      for (const { status, headers } of refused) {
        assert.equal(status, 429);
        assert.equal(headers['chit-error'], 'too_many_reads');
        assert.match(String(headers['retry-after']), /^\d+$/);
      }
    });
  }),
);
