/** What is older than it is kept is deleted; what is younger and all bookings stay. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { completeChat } from '../../../src/app/chat/complete-chat.ts';
import { createConversation } from '../../../src/app/chat/conversations.ts';
import { sendMessage } from '../../../src/app/chat/send-message.ts';
import { shareConversation } from '../../../src/app/chat/shares.ts';
import { type Forgotten, forgetOld } from '../../../src/app/operations/forget-old.ts';
import { auditEntry } from '../../../src/app/principal.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { type OpenDatabase, openDatabase } from '../../../src/store/database/dialect.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';

const DAY_MS = 86_400_000;
const NOTHING: Forgotten = { conversations: 0, messages: 0, auditLog: 0, usage: 0 };
const SETTINGS = {
  CHIT_KEEP_CHATS_DAYS: '30',
  CHIT_KEEP_AUDIT_LOG_DAYS: '40',
  CHIT_KEEP_USAGE_DAYS: '50',
};
const COMMAND_LINE = { actor: 'cli:test', address: undefined, user: undefined } as const;

onEachDatabase((at) => {
  describe('retention', () => {
    let chit: Chit;
    let database: OpenDatabase;
    let userId: number;

    before(async () => {
      chit = await openTestChit(at.url, scriptedModel(flatPrice(1)), SETTINGS);
      database = openDatabase(at.url);
      userId = await newAccount(chit);
    });
    after(async () => {
      await database.close();
      await chit.close();
    });

    /** Deletes what is too old so many days from now. */
    const daysFromNow = (days: number, context = chit.context) =>
      forgetOld({ ...context, now: () => Date.now() + days * DAY_MS });

    async function conversation(word: string, messages: number): Promise<string> {
      const { context } = chit;
      const fields = { title: word, systemPrompt: word };
      const { id: conversationId } = await createConversation(context, userId, fields);
      const none = { parentId: undefined, model: undefined, idempotency: undefined };
      for (let index = 0; index < messages; index += 1) {
        const content = script({ note: word }, { say: word });
        const onLimits = () => undefined;
        await sendMessage(context, { userId, conversationId, content, ...none, onLimits });
        await context.generations.idle();
      }
      return conversationId;
    }

    async function chat(word: string): Promise<void> {
      const content = script({ note: word }, { say: word });
      await completeChat(chit.context, { userId, content, idempotency: undefined });
    }

    async function found(word: string): Promise<number> {
      const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM messages
        WHERE content LIKE ${`%${word}%`} OR reply LIKE ${`%${word}%`}`.execute(database.kysely);
      return Number(rows[0]?.count);
    }

    test('chats go with their words and links, however long; bookings stay', async () => {
      const id = await conversation('forgetthis', 45);
      await shareConversation(chit.context, userId, id);
      await chat('forgetthat');
      const balance = await chit.context.ledger.account(userId);
      assert.deepEqual(await daysFromNow(29), NOTHING);
      assert.equal(await found('forgetthis'), 45);
      const forgotten = await daysFromNow(31);
      assert.deepEqual(forgotten, { ...NOTHING, conversations: 1, messages: 1 });
      assert.equal(await found('forget'), 0);
      assert.equal(await chit.context.conversations.find(userId, id), undefined);
      assert.deepEqual(await chit.context.ledger.account(userId), balance);
      assert.deepEqual(await faultsOf(chit), []);
      assert.deepEqual(await daysFromNow(31), NOTHING);
      if (at.name === 'PostgreSQL') return;
      const folder = dirname(at.url.slice('sqlite:'.length));
      const files = readdirSync(folder, { withFileTypes: true }).filter((it) => it.isFile());
      const with_ = files.filter(({ name }) =>
        readFileSync(join(folder, name)).includes('forgetth'),
      );
      assert.deepEqual(with_, [], 'the words are in no file either');
    });

    test('long texts are erased a few at a time, so that nobody waits for long', async () => {
      const id = await conversation('forgetlong', 3);
      const { kysely } = database;
      const long = { reply: 'forgetlong '.repeat(90_000) };
      await kysely.updateTable('messages').set(long).where('conversation_id', '=', id).execute();
      const { retention } = chit.context;
      const states: string[] = [];
      const left: number[] = [];
      do {
        states.push(await retention.eraseFrom(id, Date.now() + DAY_MS, Date.now()));
        left.push(await found('forgetlong'));
      } while (states.at(-1) === 'more');
      assert.deepEqual(states, ['more', 'more', 'gone']);
      assert.deepEqual(left, [1, 0, 0]);
    });

    test('a conversation that somebody has written to meanwhile stays whole', async () => {
      const id = await conversation('keepthis', 2);
      const { retention } = chit.context;
      const beforeMs = Date.now() + DAY_MS;
      const range = await retention.usersAfter(-1);
      assert.ok(range);
      assert.deepEqual(await retention.idleConversations(range, beforeMs), [id]);
      await chit.context.conversations.change(userId, id, { updatedAtMs: beforeMs });
      assert.equal(await retention.eraseFrom(id, beforeMs, Date.now()), 'in_use');
      assert.equal(await found('keepthis'), 2);
    });

    test('the audit log is deleted when it is old, and not before, by anybody', async () => {
      const { context } = chit;
      const event = { action: 'user.change', target: `user:${userId}`, reason: 'old' } as const;
      for (let index = 0; index < 3; index += 1) {
        await context.auditLog.add(auditEntry(COMMAND_LINE, event));
      }
      assert.equal((await daysFromNow(25)).auditLog, 0);
      const refused = database.kysely.deleteFrom('audit_log').execute();
      await assert.rejects(refused, /deleted only when they are old/);
      const changed = database.kysely.updateTable('audit_log').set({ reason: 'x' }).execute();
      await assert.rejects(changed, /never changed/);
      assert.equal((await daysFromNow(41)).auditLog, 3);
      await context.auditLog.add(auditEntry(COMMAND_LINE, event));
      assert.equal((await daysFromNow(39)).auditLog, 0);
      const again = database.kysely.deleteFrom('audit_log').execute();
      await assert.rejects(again, /deleted only when they are old/);
    });

    test('usage by hour and day is deleted, by month it stays', async () => {
      const { kysely } = database;
      const sums = { messages: 1, failed: 0, charged: 1, usage_input: 1, usage_output: 1 };
      const more = { shortfall: 0, refunded: 0, usage_cached_input: 0, durations: '[]' };
      const periods = ['2020-02-03T04', '2020-02-03', '2020-02'];
      for (const [index, period] of periods.entries()) {
        const granularity = (['hour', 'day', 'month'] as const)[index] ?? 'hour';
        await kysely
          .insertInto('usage_users')
          .values({ user_id: userId, period, ...sums })
          .execute();
        const of = { granularity, period, model: 'm', ...sums, ...more };
        await kysely.insertInto('usage_models').values(of).execute();
      }
      assert.equal((await daysFromNow(0)).usage, 4);
      const left = [
        await kysely.selectFrom('usage_users').select('period').execute(),
        await kysely.selectFrom('usage_models').select('period').execute(),
      ];
      assert.deepEqual(left, [[{ period: '2020-02' }], [{ period: '2020-02' }]]);
    });

    test('by default everything is kept', async () => {
      const url = await at.newUrl();
      const other = await openTestChit(url, scriptedModel(flatPrice(1)));
      assert.deepEqual(await daysFromNow(10_000, other.context), NOTHING);
      assert.deepEqual(other.context.policy.retention, {
        chatsMs: undefined,
        auditLogMs: undefined,
        usageMs: undefined,
      });
      await other.close();
    });
  });
});
