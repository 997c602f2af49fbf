/** What a user wrote is in no file of the database once the user is deleted. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deleteUser } from '../../../src/app/accounts/manage-users.ts';
import { completeChat } from '../../../src/app/chat/complete-chat.ts';
import { createConversation, deleteConversation } from '../../../src/app/chat/conversations.ts';
import { sendMessage } from '../../../src/app/chat/send-message.ts';
import type { Chit } from '../../../src/compose.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { SqliteConnection } from '../../../src/store/database/sqlite-connection.ts';
import { createAccount, faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { script, scriptedModel } from '../../support/scripted-model.ts';
import { newFolder } from '../../support/server.ts';

const COMMAND_LINE = { actor: 'cli:test', address: undefined, user: undefined } as const;

interface Opened {
  readonly chit: Chit;
  readonly folder: string;
  /** The files that contain a word. */
  found(word: string): string[];
}

async function openOn(t: TestContext): Promise<Opened> {
  const folder = newFolder();
  const model = scriptedModel(flatPrice(1));
  const chit = await openTestChit(`sqlite:${join(folder, 'chit.db')}`, model);
  t.after(async () => {
    await chit.close();
    rmSync(folder, { recursive: true });
  });
  const found = (word: string) =>
    readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(word));
  return { chit, folder, found };
}

/** Sends messages with a word, short and long, whose replies have it too. */
async function chat({ context }: Chit, userId: number, word: string): Promise<void> {
  for (let index = 0; index < 20; index += 1) {
    const filler = `${word} `.repeat(index % 4 === 0 ? 1_200 : 5);
    const content = script({ note: filler }, { say: filler }, { say: filler });
    await completeChat(context, { userId, content, idempotency: undefined });
  }
}

/** A conversation with the word in its title, and a reply long enough to be journaled. */
async function converse({ context }: Chit, userId: number, word: string): Promise<string> {
  const fields = { title: `On ${word}`, model: undefined, systemPrompt: `Say ${word}` };
  const { id: conversationId } = await createConversation(context, userId, fields);
  const long = `${word} `.repeat(600);
  const content = script({ say: long }, { waitMs: 20 }, { say: long });
  const none = { parentId: undefined, model: undefined, idempotency: undefined };
  const onLimits = () => undefined;
  await sendMessage(context, { userId, conversationId, content, ...none, onLimits });
  await context.generations.idle();
  return conversationId;
}

test('after a user is deleted, no file contains a word of theirs; those of others are there', async (t) => {
  const { chit, found } = await openOn(t);
  const { context } = chit;
  const account = { username: 'erasmus', password: 'Pa55word!x', isStaff: false };
  const userId = await createAccount(context, { ...account, isSuperuser: false });
  const otherId = await newAccount(chit);
  await Promise.all([chat(chit, userId, 'forgetmenow'), chat(chit, otherId, 'keepthis')]);
  await converse(chit, userId, 'forgetmenow');
  assert.notDeepEqual(found('forgetmenow'), []);
  assert.notDeepEqual(found('erasmus'), []);

  await deleteUser(context, COMMAND_LINE, userId, undefined);
  assert.deepEqual(found('forgetmenow'), []);
  assert.deepEqual(found('erasmus'), []);
  assert.notDeepEqual(found('keepthis'), []);
  assert.deepEqual(await faultsOf(chit), []);
});

test('somebody who reads for long delays that, and it is done afterwards', async (t) => {
  const { chit, folder, found } = await openOn(t);
  const userId = await newAccount(chit);
  await chat(chit, userId, 'forgetmelater');
  const reader = new DatabaseSync(join(folder, 'chit.db'), { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM messages').get();
  await deleteUser(chit.context, COMMAND_LINE, userId, undefined);
  assert.notDeepEqual(found('forgetmelater'), [], 'the reader still sees it');
  reader.close();
  for (let tries = 0; found('forgetmelater').length > 0; tries += 1) {
    assert.ok(tries < 1_000, 'it is still there');
    await sleep(50);
  }
});

test('a long log is copied into the file by a thread, before it is emptied', async (t) => {
  const { chit, folder, found } = await openOn(t);
  const userId = await newAccount(chit);
  const path = join(folder, 'chit.db');
  // While somebody reads, nothing gets from the log into the file.
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM messages').get();
  for (let index = 0; index < 50; index += 1) {
    const say = `forgetthelog ${'x'.repeat(95_000)}`;
    await completeChat(chit.context, {
      userId,
      content: script({ say }),
      idempotency: undefined,
    });
  }
  reader.close();
  const sizes: number[] = [];
  const emptyLog = SqliteConnection.prototype.emptyLog;
  t.mock.method(SqliteConnection.prototype, 'emptyLog', function (this: SqliteConnection) {
    sizes.push(statSync(path).size);
    return emptyLog.call(this);
  });
  assert.ok(statSync(path).size < 8_000_000);
  await chit.context.eraseRemains();
  assert.ok((sizes[0] ?? 0) > 8_000_000, `${sizes[0]} bytes were in the file`);
  assert.equal(statSync(`${path}-wal`).size, 0);
  assert.notDeepEqual(found('forgetthelog'), []);
});

test('so it is with a conversation that its user deletes', async (t) => {
  const { chit, found } = await openOn(t);
  const userId = await newAccount(chit);
  const conversationId = await converse(chit, userId, 'forgetthis');
  assert.notDeepEqual(found('forgetthis'), []);
  await deleteConversation(chit.context, userId, conversationId);
  for (let tries = 0; found('forgetthis').length > 0; tries += 1) {
    assert.ok(tries < 1_000, `it is still in ${found('forgetthis')}`);
    await sleep(50);
  }
});
