/** Files never outlive what has them by more than an hour, wherever a server dies. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createConversation, deleteConversation } from '../../../src/app/chat/conversations.ts';
import { attachFiles } from '../../../src/app/chat/files/attach-files.ts';
import { storeFile } from '../../../src/app/chat/files/store-file.ts';
import { sweepFiles } from '../../../src/app/chat/files/sweep-files.ts';
import { sendMessage } from '../../../src/app/chat/send-message.ts';
import { newId } from '../../../src/app/ids.ts';
import { forgetOld } from '../../../src/app/operations/forget-old.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { faultsOf, newAccount, openTestChit, setActive } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const HOUR_MS = 3_600_000;
const DIES = new Error('The server dies.');

async function setUp(t: TestContext, url: string) {
  const chit = await openTestChit(url, scriptedModel(flatPrice(100)), {
    CHIT_KEEP_CHATS_DAYS: '1',
  });
  const database = openDatabase(url);
  t.after(async () => {
    assert.deepEqual(await faultsOf(chit), []);
    await chit.close();
    await database.close();
  });
  const { context } = chit;
  const userId = await newAccount(chit);
  const { id: conversationId } = await createConversation(context, userId, {});
  const store = (text: string) =>
    storeFile(context, userId, { name: 'a.txt', bytes: Buffer.from(text) });
  const send = (files: readonly string[]) =>
    sendMessage(context, {
      userId,
      conversationId,
      content: 'x',
      files,
      parentId: undefined,
      model: undefined,
      idempotency: undefined,
      onLimits: () => undefined,
    });
  /** What is left in the tables of files, whoever can see it. */
  const left = async (id: string) => {
    const { kysely } = database;
    const of = (table: 'file_pieces' | 'message_files') =>
      kysely.selectFrom(table).select('file_id').where('file_id', '=', id).execute();
    const rows = await kysely.selectFrom('files').select('id').where('id', '=', id).execute();
    return [rows.length, (await of('file_pieces')).length, (await of('message_files')).length];
  };
  let passedMs = 0;
  const { now } = context;
  t.mock.method(context, 'now', () => now() + passedMs);
  const pass = async (ms: number) => {
    passedMs += ms;
    await sweepFiles(context);
  };
  return { chit, context, userId, conversationId, store, send, left, pass };
}

onEachDatabase((at) => {
  test('where it dies after noting the files of a message that is never written', async (t) => {
    const { context, userId, conversationId, store, left, pass } = await setUp(t, at.url);
    const { id } = await store('noted');
    const { beforeHold } = attachFiles(context, { userId, conversationId, ids: [id] });
    // Ids are by the real clock.
    await beforeHold?.(newId());
    assert.deepEqual(await left(id), [1, 1, 1]);
    await pass(HOUR_MS / 2);
    assert.deepEqual(await left(id), [1, 1, 1]);
    await pass(HOUR_MS / 2 + 60_000);
    assert.deepEqual(await left(id), [0, 0, 0]);
  });

  test('where it dies in the middle of an upload', async (t) => {
    const { context, userId, store, pass } = await setUp(t, at.url);
    let pieces = 0;
    const { addPiece } = context.files;
    const mocked = t.mock.method(
      context.files,
      'addPiece',
      (...given: Parameters<typeof addPiece>) => {
        pieces += 1;
        if (pieces === 2) throw DIES;
        return addPiece.apply(context.files, given);
      },
    );
    await assert.rejects(store('x'.repeat(500_000)), DIES);
    mocked.mock.restore();
    assert.equal(await context.files.bytesOf(userId), 500_000);
    // Another attempt does not wait for it.
    const { id } = await store('x'.repeat(500_000));
    await pass(HOUR_MS + 60_000);
    assert.equal(await context.files.bytesOf(userId), 0);
    assert.equal(await context.files.find(userId, id), undefined);
  });

  test('where it dies while a chat with files is deleted', async (t) => {
    const { context, userId, conversationId, store, send, left, pass } = await setUp(t, at.url);
    const { id } = await store('x'.repeat(300_000));
    await send([id]);
    await context.generations.idle();
    const mocked = t.mock.method(context.files, 'deleteSome', () => Promise.reject(DIES));
    await deleteConversation(context, userId, conversationId);
    // Nobody sees it from now on, and it no longer counts.
    assert.equal(await context.files.find(userId, id), undefined);
    assert.equal(await context.files.bytesOf(userId), 0);
    mocked.mock.restore();
    await pass(60_000);
    assert.deepEqual(await left(id), [0, 0, 0]);
  });

  test('what a message has stays, also if it was sent long after its upload', async (t) => {
    const { context, userId, store, send, left, pass } = await setUp(t, at.url);
    const { id } = await store('kept');
    await send([id]);
    await context.generations.idle();
    await pass(2 * HOUR_MS);
    assert.deepEqual(await left(id), [1, 1, 1]);
    assert.equal((await context.files.find(userId, id))?.name, 'a.txt');
  });

  test('files go when their chats are forgotten, and when their user is erased', async (t) => {
    const { chit, context, userId, store, send, left, pass } = await setUp(t, at.url);
    const old = await store('old');
    await send([old.id]);
    await context.generations.idle();
    await pass(25 * HOUR_MS);
    await forgetOld(context);
    await pass(0);
    assert.deepEqual(await left(old.id), [0, 0, 0]);
    const own = await store('own');
    await setActive(chit, userId, false);
    const entry = {
      id: newId(),
      atMs: context.now(),
      actor: 'cli:test',
      address: undefined,
      action: 'user.delete',
      target: `user:${userId}`,
      reason: undefined,
      before: undefined,
      after: undefined,
    } as const;
    assert.equal(await context.eraseUser(userId, entry), 'erased');
    await pass(0);
    assert.deepEqual(await left(own.id), [0, 0, 0]);
  });

  test('of two messages with the same file, deleting one leaves it to the other', async (t) => {
    const { context, userId, conversationId, store, send, left } = await setUp(t, at.url);
    const { id } = await store('shared');
    await send([id]);
    const { id: other } = await createConversation(context, userId, {});
    await Promise.all([
      sendMessage(context, {
        userId,
        conversationId: other,
        content: 'y',
        files: [id],
        parentId: undefined,
        model: undefined,
        idempotency: undefined,
        onLimits: () => undefined,
      }),
      deleteConversation(context, userId, conversationId),
    ]).catch((error: unknown) => assert.equal((error as { code?: string }).code, 'file_not_found'));
    await context.generations.idle();
    await sweepFiles(context);
    const [, , links] = await left(id);
    const isThere = (await context.files.find(userId, id)) !== undefined;
    // Either it was sent and is there, or it was not and is gone.
    assert.equal(isThere, links === 1);
  });
});
