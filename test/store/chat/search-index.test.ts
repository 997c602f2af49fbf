/** The index of searches: filled in the background, complete, and rid of what is erased. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import {
  changeConversation,
  createConversation,
  deleteConversation,
} from '../../../src/app/chat/conversations.ts';
import { searchConversations } from '../../../src/app/chat/search-conversations.ts';
import { sendMessage } from '../../../src/app/chat/send-message.ts';
import { firstIdAt } from '../../../src/app/ids.ts';
import { MessageIndexer } from '../../../src/app/operations/index-messages.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import type { ConversationCursor } from '../../../src/store/chat/conversations.ts';
import { type OpenDatabase, openDatabase } from '../../../src/store/database/dialect.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';

const SOON = () => firstIdAt(Date.now() + 1_000);

onEachDatabase((at) => {
  describe('index', () => {
    let chit: Chit;
    let database: OpenDatabase;
    let userId: number;

    before(async () => {
      chit = await openTestChit(at.url, scriptedModel(flatPrice(1)));
      database = openDatabase(at.url);
      userId = await newAccount(chit);
    });
    after(async () => {
      assert.deepEqual(await faultsOf(chit), []);
      await database.close();
      await chit.close();
    });

    async function chat(title: string, ...turns: [said: string, reply: string][]) {
      const { id } = await createConversation(chit.context, userId, { title });
      let parentId: string | undefined;
      for (const [said, reply] of turns) {
        const content = reply === '' ? said : script({ note: said }, { say: reply });
        const sent = { userId, conversationId: id, content, parentId, onLimits: () => undefined };
        const none = { model: undefined, idempotency: undefined };
        parentId = (await sendMessage(chit.context, { ...sent, ...none })).message.id;
        await chit.context.generations.idle();
      }
      return { id, lastId: parentId ?? '' };
    }

    const search = async (words: string, of = userId) => {
      const page = { search: words, after: undefined, limit: 50 };
      const { items } = await searchConversations(chit.context, of, page);
      return items;
    };
    const titles = async (words: string) =>
      (await search(words)).map(({ conversation }) => conversation.title);
    const indexAll = async () => {
      while ((await chit.context.searchIndex.step(SOON())).hasMore);
    };
    const documents = async () => {
      const { rows } = await sql<{ count: number }>`
        SELECT count(*) AS count FROM search_documents`.execute(database.kysely);
      return Number(rows[0]?.count);
    };

    test('finds the same before, while and after it is filled, a step at a time', async () => {
      for (let index = 0; index < 3; index += 1) {
        await chat(`chat ${index}`, [`quince ${index}`, `marmalade 榲桲果酱 ${index}`]);
      }
      const expected = ['chat 2', 'chat 1', 'chat 0'];
      assert.deepEqual(await titles('marmal quince'), expected);
      const [oldest] = (await search('quince 0')).filter(({ match }) => match.messageId);
      // As far as the first message, as if the server had crashed behind it.
      await chit.context.searchIndex.step(`${oldest?.match.messageId}0`);
      assert.equal(await documents(), 1);
      assert.deepEqual(await titles('marmal quince'), expected);
      await indexAll();
      assert.equal(await documents(), 3);
      assert.deepEqual(await titles('marmal quince'), expected);
      assert.deepEqual(await titles('果酱'), expected);
      assert.deepEqual(await titles('quince 1'), ['chat 1']);
      assert.deepEqual(await titles('quince pear'), []);
    });

    test('says where: the message in whichever branch, the reply, or the title', async () => {
      const { id, lastId } = await chat('Medlars', ['bletted fruit', '']);
      await indexAll();
      const [found] = await search('said');
      assert.equal(found?.match.messageId, lastId);
      assert.equal(found?.match.where, 'reply');
      const [[from, to] = [0, 0]] = found?.match.ranges ?? [];
      assert.equal(found?.match.text.slice(from, to), 'said');
      assert.equal((await search('bletted'))[0]?.match.where, 'message');
      const [byTitle] = await search('medlar');
      assert.deepEqual([byTitle?.match.where, byTitle?.match.messageId], ['title', undefined]);
      await changeConversation(chit.context, userId, id, { title: 'Loquats' });
      assert.deepEqual(await titles('medlar'), []);
      assert.deepEqual(await titles('loquat'), ['Loquats']);
    });

    test('what is deleted leaves it at once, and is not added later', async () => {
      const { id } = await chat('gone', ['persimmon', 'kaki']);
      const { id: second } = await chat('gone too', ['persimmon', 'kaki']);
      const before = await documents();
      assert.equal((await titles('persimmon')).length, 2);
      await deleteConversation(chit.context, userId, second);
      await indexAll();
      assert.equal(await documents(), before + 1);
      await deleteConversation(chit.context, userId, id);
      assert.equal(await documents(), before);
      assert.deepEqual(await titles('persimmon'), []);
      let hasMore = await chit.context.searchIndex.merge({ isFirst: true });
      while (hasMore) hasMore = await chit.context.searchIndex.merge({ isFirst: false });
      assert.equal((await titles('marmalade')).length, 3);
    });

    test('what is erased between reading and writing is not written', async () => {
      const { id } = await chat('raced', ['durian', 'smell']);
      const before = await documents();
      const [found] = await search('durian');
      const messageId = found?.match.messageId ?? '';
      // Read, erased, and only then written.
      const { searchIndex } = chit.context;
      const step = searchIndex.step(SOON());
      await deleteConversation(chit.context, userId, id);
      await step;
      await indexAll();
      const { rows } = await sql`SELECT 1 FROM search_documents
        WHERE message_id = ${messageId}`.execute(database.kysely);
      assert.deepEqual(rows, []);
      assert.equal(await documents(), before);
    });

    test('messages that are imported with ids of long ago are found and indexed', async () => {
      const { id } = await chat('imported', ['first', 'second']);
      await indexAll();
      await sql`INSERT INTO messages (id, user_id, conversation_id, model, content, reply, status,
        created_at, ended_at) VALUES ('00000000-0000-7000-8000-000000000001', ${userId}, ${id},
        'imported', 'tamarillo', 'tree tomato', 'imported', 1, 1)`.execute(database.kysely);
      assert.deepEqual(await titles('tamarillo'), ['imported']);
      const before = await documents();
      await indexAll();
      assert.equal(await documents(), before + 1);
      assert.deepEqual(await titles('tomato tamarillo'), ['imported']);
    });

    test('long messages are added one at a time, however they come', async () => {
      const { id } = await chat('long', ['feijoa', 'short']);
      await indexAll();
      const long = 'pineapple guava '.repeat(2_500);
      const rows = [1, 2, 3].map((it) => ({
        id: `00000000-0000-7000-8000-00000000001${it}`,
        user_id: userId,
        conversation_id: id,
        model: 'imported',
        content: long,
        reply: '',
        status: 'imported' as const,
        created_at: 1,
        ended_at: 1,
      }));
      await database.kysely.insertInto('messages').values(rows).execute();
      const steps: number[] = [];
      for (let hasMore = true; hasMore; ) {
        const step = await chit.context.searchIndex.step(SOON());
        if (step.added > 0) steps.push(step.added);
        ({ hasMore } = step);
      }
      assert.deepEqual(steps, [1, 1, 1]);
      await deleteConversation(chit.context, userId, id);
    });

    test('nobody finds the words of another', async () => {
      const other = await newAccount(chit);
      assert.ok((await search('marmalade')).length > 0);
      assert.deepEqual(await search('marmalade', other), []);
      assert.deepEqual(await search('quince', other), []);
    });

    test('a temporary chat is neither found nor indexed', async () => {
      const { context } = chit;
      const { id: conversationId } = await createConversation(context, userId, {
        isTemporary: true,
      });
      const before = await documents();
      await sendMessage(context, {
        userId,
        conversationId,
        content: 'rambutan',
        parentId: undefined,
        model: undefined,
        idempotency: undefined,
        onLimits: () => undefined,
      });
      await context.generations.idle();
      assert.deepEqual(await titles('rambutan'), []);
      await indexAll();
      assert.equal(await documents(), before);
      assert.deepEqual(await titles('rambutan'), []);
    });

    test('a round of a tool is found as part of its message, by nobody twice', async () => {
      const { context } = chit;
      const later: [string, string] = ['round', 'pawpaw'];
      const { id, lastId } = await chat('rounds', ['soursop', 'guanabana'], later);
      const { rows } = await sql<{ id: string }>`SELECT id FROM messages
        WHERE conversation_id = ${id} ORDER BY id`.execute(database.kysely);
      const messageId = rows[0]?.id ?? '';
      const own = { conversationId: id, userId, messageId, leaseId: 'lease', model: 'm' };
      const loop = { ...own, payer: undefined, tools: [], rounds: 2, mostCredits: undefined };
      const call = { callId: 'c', tool: '', name: 'n', arguments: '{}', price: [0, 1] } as const;
      await context.toolLoops.begin({ ...loop, atMs: 1 }, [
        { ...call, state: 'asked', result: null },
      ]);
      const round = { messageId, number: 2, generationId: lastId, leaseId: 'lease' };
      assert.ok(await context.toolLoops.beginRound(round));
      const staff = async (words: string, of?: number) => {
        const query = { search: words, userId: of, beforeId: undefined, limit: 10 };
        const found = await context.staffMessageSearch.page(query);
        return found.rows.map((it) => it.id);
      };
      const before = await documents();
      for (const isIndexed of [false, true]) {
        assert.deepEqual(await titles('pawpaw'), [], `indexed: ${isIndexed}`);
        assert.deepEqual(await staff('pawpaw'), []);
        assert.deepEqual(await staff('pawpaw', userId), []);
        assert.deepEqual(await titles('guanabana'), ['rounds']);
        await indexAll();
      }
      assert.equal(await documents(), before + 1);
      const from = { states: ['running'] } as const;
      assert.ok(await context.toolLoops.end(messageId, from, { failure: undefined, atMs: 2 }));
      for (const isIndexed of [false, true]) {
        const [found] = await search('pawpaw guanabana');
        assert.equal(found?.match.messageId, messageId, `indexed: ${isIndexed}`);
        assert.deepEqual(await staff('pawpaw'), [messageId]);
        await indexAll();
      }
      assert.equal(await documents(), before + 1);
      await deleteConversation(context, userId, id);
      assert.equal(await documents(), before);
    });

    test('two servers that index at the same time add each message once', async () => {
      await chat('shared', ['salak', 'snake fruit']);
      const other = await openTestChit(at.url, scriptedModel(flatPrice(1)));
      try {
        const before = await documents();
        const steps = [chit, other].map(({ context }) => context.searchIndex.step(SOON()));
        await Promise.all(steps);
        await indexAll();
        assert.equal(await documents(), before + 1);
        assert.deepEqual(await titles('salak'), ['shared']);
      } finally {
        await other.close();
      }
    });

    test('a word that every chat has is found in all of them, page by page, each once', async () => {
      const count = 130;
      await chat('chat 0', ['everywhere, and a kumquat', '']);
      for (let number = 1; number < count; number += 1) {
        await chat(`chat ${number}`, ['everywhere', '']);
      }
      await indexAll();
      const found: string[] = [];
      for (let after: ConversationCursor | undefined, isFirst = true; isFirst || after; ) {
        isFirst = false;
        const page = { search: 'everywhere', after, limit: 40 };
        const { items, last } = await searchConversations(chit.context, userId, page);
        found.push(...items.map(({ conversation }) => conversation.title));
        after = last?.conversation;
      }
      const newestFirst = Array.from({ length: count }, (_, index) => `chat ${count - 1 - index}`);
      assert.deepEqual(found, newestFirst);
      // More chats were used since than are looked at before the index is asked.
      assert.deepEqual(await titles('kumquat'), ['chat 0']);
    });

    test('the job leaves what was sent a moment ago, and takes it later', async () => {
      await chat('later', ['jabuticaba', 'grape']);
      const before = await documents();
      const indexer = (aheadMs: number) =>
        new MessageIndexer(chit.context.searchIndex, () => Date.now() + aheadMs);
      assert.equal(await indexer(0).run(), 0);
      assert.equal(await indexer(61_000).run(), 1);
      assert.equal(await documents(), before + 1);
    });
  });
});
