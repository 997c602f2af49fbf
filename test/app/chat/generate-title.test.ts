/** Titles that a model makes: once, after the first reply, charged and shown as what they are. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import {
  changeConversation,
  createConversation,
  listConversations,
  requireConversation,
} from '../../../src/app/chat/conversations.ts';
import { generateTitle, titleIn } from '../../../src/app/chat/generate-title.ts';
import { sendMessage } from '../../../src/app/chat/send-message.ts';
import { sweepTemporaryChats } from '../../../src/app/chat/temporary-chats.ts';
import { conversationsIn } from '../../../src/app/credits/read-statement.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { type OpenDatabase, openDatabase } from '../../../src/store/database/dialect.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { type ScriptedModel, script, scriptedModel } from '../../support/scripted-model.ts';

const TITLE = 'Sailing around Madeira';

onEachDatabase((at) => {
  describe('titles', () => {
    let chit: Chit;
    let database: OpenDatabase;
    let asked: string[] = [];
    /** Runs while the model makes a title. */
    let meanwhile = async (): Promise<void> => undefined;

    before(async () => {
      const scripted = scriptedModel(flatPrice(100));
      const model: ScriptedModel = {
        ...scripted,
        async *generate(request) {
          if (!request.content.startsWith('Write a title'))
            return yield* scripted.generate(request);
          asked.push(request.content);
          await meanwhile();
          yield { text: `**"${TITLE}."**\nIt is short.` };
        },
      };
      const settings = { CHIT_TITLE_MODEL: 'scripted', CHIT_SIGNUP_TOKENS: '350' };
      chit = await openTestChit(at.url, model, settings);
      database = openDatabase(at.url);
    });
    after(async () => {
      assert.deepEqual(await faultsOf(chit), []);
      await database.close();
      await chit.close();
    });

    async function send(userId: number, conversationId: string, content: string, more = {}) {
      const none = { parentId: undefined, model: undefined, idempotency: undefined };
      const onLimits = () => undefined;
      const titles: Promise<void>[] = [];
      const onTitle = (work: Promise<void>) => void titles.push(work);
      const request = { userId, conversationId, content, ...none, ...more, onLimits, onTitle };
      const { message } = await sendMessage(chit.context, request);
      await chit.context.generations.idle();
      // What follows the end of a reply begins at once.
      await new Promise(setImmediate);
      await Promise.all(titles);
      return { request, message };
    }

    const posted = async (userId: number) =>
      (await chit.context.ledger.account(userId))?.postedCredits;
    const titleOf = async (userId: number, id: string) =>
      (await requireConversation(chit.context, userId, id)).title;
    const linesOf = (userId: number) =>
      chit.context.transfers.statement(userId, { beforeNumber: undefined, limit: 10 });

    test('after the first reply is settled, as a charge of its own', async () => {
      const userId = await newAccount(chit);
      const { id } = await createConversation(chit.context, userId, {});
      let during: unknown;
      meanwhile = async () => {
        during = await chit.context.ledger.account(userId);
      };
      const { message } = await send(userId, id, 'Where can I sail in winter?');
      meanwhile = async () => undefined;
      assert.deepEqual(during, {
        ...(during as object),
        postedCredits: 250,
        heldCredits: 100,
      });
      assert.equal(await titleOf(userId, id), TITLE);
      assert.equal(await posted(userId), 150);
      const lines = await linesOf(userId);
      assert.deepEqual(
        lines.map(({ kind, credits, isTitle }) => [kind, credits, isTitle]),
        [
          ['charge', -100, true],
          ['charge', -100, false],
          ['grant', 350, false],
        ],
      );
      // Its words are in no message, and it is none of the conversation.
      const title = await chit.context.messages.find(userId, lines[0]?.messageId ?? '');
      assert.deepEqual([title?.content, title?.reply, title?.conversationId], ['', '', undefined]);
      // Its line in the statement is of the conversation all the same.
      const chats = await conversationsIn(chit.context, userId, lines);
      assert.deepEqual(
        [lines[0]?.messageId, message.id].map((it) => chats.get(it ?? '')),
        [
          { id, title: TITLE },
          { id, title: TITLE },
        ],
      );
      assert.equal((await conversationsIn(chit.context, userId + 1, lines)).size, 0);
      const page = { after: undefined, limit: 10 };
      const { items } = await listConversations(chit.context, userId, page);
      assert.deepEqual(
        items.map((it) => it.id),
        [id],
      );
      // A later message makes no other one.
      await send(userId, id, 'And in spring?', { parentId: message.id });
      assert.equal(await posted(userId), 50);
    });

    test('once, however often it is asked for, and never in place of the name it was given', async () => {
      const userId = await newAccount(chit);
      const { id } = await createConversation(chit.context, userId, {});
      meanwhile = async () => {
        await changeConversation(chit.context, userId, id, { title: 'My own' });
      };
      const { request } = await send(userId, id, 'Where?');
      meanwhile = async () => undefined;
      asked = [];
      await Promise.all([1, 2, 3].map(() => generateTitle(chit.context, request, 'There.')));
      assert.deepEqual(asked, []);
      assert.equal(await titleOf(userId, id), 'My own');
      assert.equal(await posted(userId), 150);
    });

    test('several servers at once make one', async () => {
      const userId = await newAccount(chit);
      const { id } = await createConversation(chit.context, userId, { isTemporary: false });
      const request = {
        userId,
        conversationId: id,
        content: 'x',
        parentId: undefined,
        model: undefined,
        idempotency: undefined,
        onLimits: () => undefined,
      };
      asked = [];
      await Promise.all([1, 2, 3, 4].map(() => generateTitle(chit.context, request, 'There.')));
      assert.equal(asked.length, 1);
      assert.equal(await posted(userId), 250);
    });

    test('not when the balance is short, and nothing is held or owed then', async () => {
      const userId = await newAccount(chit);
      for (let turn = 0; turn < 2; turn += 1) {
        const { id } = await createConversation(chit.context, userId, { title: 'named' });
        await send(userId, id, 'spend');
      }
      const { id } = await createConversation(chit.context, userId, {});
      asked = [];
      await send(userId, id, 'The first line');
      assert.deepEqual(asked, []);
      assert.equal(await titleOf(userId, id), 'The first line');
      const account = await chit.context.ledger.account(userId);
      assert.deepEqual([account?.postedCredits, account?.heldCredits], [50, 0]);
    });

    test('not of a chat that has a name, is temporary, or has no reply', async () => {
      const userId = await newAccount(chit);
      asked = [];
      for (const fields of [{ title: 'named' }, { isTemporary: true }]) {
        const { id } = await createConversation(chit.context, userId, fields);
        await send(userId, id, 'words');
      }
      const { id } = await createConversation(chit.context, userId, {});
      await send(userId, id, script({ fail: 'down' }));
      assert.deepEqual(asked, []);
    });

    test('one that a crash left is no message of its user', async () => {
      const userId = await newAccount(chit);
      await sql`INSERT INTO title_generations (id, conversation_id, user_id, created_at)
        VALUES (${`crashed-${userId}`}, ${`gone-${userId}`}, ${userId}, 1)`.execute(
        database.kysely,
      );
      await sql`INSERT INTO messages (id, user_id, model, content, reply, status, created_at)
        VALUES (${`crashed-${userId}`}, ${userId}, 'scripted', '', NULL, 'failed', 1)`.execute(
        database.kysely,
      );
      const page = { after: undefined, limit: 10 };
      const { items } = await listConversations(chit.context, userId, page);
      assert.deepEqual(items, []);
    });

    test('a temporary chat is in no list, and ends an hour after its last message', async () => {
      const { context } = chit;
      const userId = await newAccount(chit);
      const { id } = await createConversation(context, userId, { isTemporary: true });
      const { message } = await send(userId, id, 'for your eyes only');
      const page = { after: undefined, limit: 10 };
      assert.deepEqual((await listConversations(context, userId, page)).items, []);
      const later = (ms: number) => ({ ...context, now: () => Date.now() + ms });
      await sweepTemporaryChats(later(3_000_000));
      assert.equal((await requireConversation(context, userId, id)).isTemporary, true);
      await sweepTemporaryChats(later(3_700_000));
      await assert.rejects(requireConversation(context, userId, id));
      const kept = await context.messages.find(userId, message.id);
      assert.deepEqual([kept?.content, kept?.reply], ['', '']);
      assert.equal(await posted(userId), 250);
    });

    test('the title is the first line of the answer, without marks around it', () => {
      for (const [answer, title] of [
        ['"Sourdough at home"', 'Sourdough at home'],
        ['\n## Title: **Sourdough** \nmore', 'Sourdough'],
        ['„Brot backen“.', 'Brot backen'],
        ['***', ''],
        [`${'word '.repeat(60)}`, `${'word '.repeat(15)}word …`],
      ] as const) {
        assert.equal(titleIn(answer), title);
      }
    });
  });
});
