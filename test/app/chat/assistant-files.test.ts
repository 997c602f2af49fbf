/** Files of assistants live as long as something has them, whichever version of a server sweeps. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import { createConversation, deleteConversation } from '../../../src/app/chat/conversations.ts';
import { storeFile } from '../../../src/app/chat/files/store-file.ts';
import { sweepFiles } from '../../../src/app/chat/files/sweep-files.ts';
import { addPrompt, changePrompt, removePrompt } from '../../../src/app/chat/prompts.ts';
import { sendMessage } from '../../../src/app/chat/send-message.ts';
import { newId } from '../../../src/app/ids.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { faultsOf, newAccount, openTestChit, setActive } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

const HOUR_MS = 3_600_000;
const ALL = { isForAll: true } as const;
const PIECE = 196_608;

async function setUp(t: TestContext, url: string) {
  const chit = await openTestChit(url, scriptedModel(flatPrice(100)), {
    CHIT_SHARED_FILES_QUOTA_MB: '1',
  });
  const { kysely, close } = openDatabase(url);
  t.after(async () => {
    assert.deepEqual(await faultsOf(chit), []);
    await chit.close();
    await close();
  });
  const { context } = chit;
  const userId = await newAccount(chit);
  const by = { actor: 'cli:test', address: undefined, user: undefined } as const;
  const sharer = { userId, sharedBy: by };
  const store = (text: string, owner = userId) =>
    storeFile(context, owner, { name: 'a.txt', bytes: Buffer.from(text) });
  const assistant = { kind: 'assistant', title: 'Tutor', content: 'Ask.' } as const;
  const own = (files: readonly string[]) =>
    addPrompt(context, { userId }, { ...assistant, files }, { userId });
  const shared = async (text: string) => {
    const { id } = await store(text);
    const made = await addPrompt(context, ALL, { ...assistant, files: [id] }, sharer);
    return { id: made.id, file: made.files[0]?.id ?? '' };
  };
  const begin = (assistantId: string, who = userId) =>
    createConversation(context, who, { assistantId });
  const send = async (conversationId: string, who = userId) => {
    const content = 'x';
    const sent = { userId: who, conversationId, content, parentId: undefined };
    const more = { model: undefined, idempotency: undefined, onLimits: () => undefined };
    await sendMessage(context, { ...sent, ...more });
    await context.generations.idle();
  };
  const count = async (query: RawBuilder<unknown>) => {
    const { rows } = await sql<{ count: number | string }>`SELECT count(*) AS count
      ${query}`.execute(kysely);
    return Number(rows[0]?.count);
  };
  /** Whether a file is there, and how many pieces it has. */
  const left = async (id: string) => [
    await count(sql`FROM files WHERE id = ${id} AND deleted_at IS NULL`),
    await count(sql`FROM file_pieces WHERE file_id = ${id}`),
  ];
  let passedMs = 0;
  const { now } = context;
  t.mock.method(context, 'now', () => now() + passedMs);
  const pass = async (ms: number) => {
    passedMs += ms;
    await sweepFiles(context);
  };
  /** What a server of the version before does with a file that no message has any more. */
  const deleteAsBefore = async (id: string) => {
    await sql`UPDATE files SET deleted_at = 1, pending_since = NULL, name = '', hash = ''
      WHERE deleted_at IS NULL AND id IN (${id}) AND NOT EXISTS
        (SELECT 1 FROM message_files WHERE file_id = files.id)`.execute(kysely);
  };
  const erase = async (who: number) => {
    await setActive(chit, who, false);
    const entry = { id: newId(), atMs: context.now(), actor: 'cli:test' } as const;
    const facts = { address: undefined, reason: undefined, before: undefined, after: undefined };
    const logged = { ...entry, ...facts, action: 'user.delete', target: `user:${who}` } as const;
    assert.equal(await context.eraseUser(who, logged), 'erased');
  };
  const made = { own, shared, begin, send, store };
  return {
    chit,
    context,
    kysely,
    userId,
    sharer,
    ...made,
    count,
    left,
    pass,
    deleteAsBefore,
    erase,
  };
}

onEachDatabase((at) => {
  test('an own file is kept as long as its assistant, a chat or a message has it', async (t) => {
    const { context, userId, own, begin, send, store, left, pass } = await setUp(
      t,
      await at.newUrl(),
    );
    const { id: fileId } = await store('own');
    const { id } = await own([fileId]);
    await pass(2 * HOUR_MS);
    assert.deepEqual(await left(fileId), [1, 1]);
    assert.equal(await context.files.remove(userId, fileId, 1), 'in_use');
    assert.equal(await context.files.bytesOf(userId), 3);
    const chat = await begin(id);
    await removePrompt(context, { userId }, id);
    await pass(2 * HOUR_MS);
    assert.deepEqual(await left(fileId), [1, 1]);
    await send(chat.id);
    const [message] = (await context.messages.page(chat.id, { beforeId: undefined, limit: 1 }))
      .messages;
    assert.deepEqual(
      message?.files.map((it) => [it.id, it.name]),
      [[fileId, 'a.txt']],
    );
    await pass(2 * HOUR_MS);
    assert.deepEqual(await left(fileId), [1, 1]);
    await deleteConversation(context, userId, chat.id);
    await pass(0);
    assert.deepEqual(await left(fileId), [0, 0]);
    assert.equal(await context.files.bytesOf(userId), 0);
  });

  test('a file that is taken out goes at once; old chats keep what they had', async (t) => {
    const { context, userId, own, begin, store, left, pass } = await setUp(t, await at.newUrl());
    const [first, second] = [await store('first'), await store('second')];
    const { id } = await own([first.id, second.id]);
    const chat = await begin(id);
    const change = (files: string[]) =>
      changePrompt(context, { userId }, id, { files }, { userId });
    await pass(2 * HOUR_MS);
    const third = await store('third');
    const changed = await change([third.id, first.id]);
    assert.deepEqual(
      changed.files.map((it) => it.id),
      [third.id, first.id],
    );
    const begun = async () =>
      (await context.assistantFiles.ofConversation(chat.id)).map((it) => it.id);
    assert.deepEqual(await begun(), [first.id, second.id]);
    await change([]);
    await pass(0);
    assert.deepEqual(
      [await left(third.id), await left(first.id)],
      [
        [0, 0],
        [1, 1],
      ],
    );
    await deleteConversation(context, userId, chat.id);
    await pass(0);
    assert.deepEqual(
      [await left(first.id), await left(second.id)],
      [
        [0, 0],
        [0, 0],
      ],
    );
  });

  test('a shared file is a copy that outlives its uploader, and is stored once', async (t) => {
    const { chit, context, kysely, ...of } = await setUp(t, await at.newUrl());
    const { userId, sharer, shared, send, begin, store, count, left, pass, erase } = of;
    const text = 'x'.repeat(3 * PIECE);
    const { id, file } = await shared(text);
    assert.deepEqual(await left(file), [1, 4 - 1]);
    const member = await newAccount(chit);
    await send((await begin(id, member)).id, member);
    // Users who have never signed in.
    const users = Array.from({ length: 100 }, (_, nth) => ({ id: 1_000_000 + nth }));
    const facts = { password_hash: '', is_active: 1, is_staff: 0, is_superuser: 0 } as const;
    const times = { joined_at: 1, refresh_cutoff_at: 0, deleted_at: null };
    const many = users.map((user) => ({ ...user, ...facts, ...times, username: `m${user.id}` }));
    await kysely.insertInto('users').values(many).execute();
    for (const user of users) await begin(id, user.id);
    assert.equal(await count(sql`FROM conversation_files WHERE file_id = ${file}`), 101);
    await erase(userId);
    await pass(2 * HOUR_MS);
    assert.equal(await count(sql`FROM files WHERE deleted_at IS NULL`), 1);
    assert.equal(await count(sql`FROM file_pieces`), 3);
    assert.equal(await context.files.textOf(file, 'content'), text);
    // Nobody's quota counts it, but that of what is shared: a megabyte.
    assert.equal(await context.files.bytesOf(member), 0);
    const { id: large } = await store('y'.repeat(700_000), member);
    const change = changePrompt(
      context,
      ALL,
      id,
      { files: [file, large] },
      {
        ...sharer,
        userId: member,
      },
    );
    await assert.rejects(change, { code: 'shared_files_quota_exceeded' });
    await changePrompt(context, ALL, id, { files: [large] }, { ...sharer, userId: member });
    await pass(2 * HOUR_MS);
    assert.equal(await count(sql`FROM files WHERE deleted_at IS NULL AND user_id IS NULL`), 2);
    // Those who had it in a chat go with it.
    await erase(member);
    await kysely.deleteFrom('conversations').execute();
    await removePrompt(context, ALL, id);
    await pass(2 * HOUR_MS);
    // The sweep that the removal has begun may still be at the last one.
    while ((await count(sql`FROM files`)) > 0) await sleep(10);
    assert.equal(await count(sql`FROM file_pieces`), 0);
  });

  test('a server of the version before deletes nothing that an assistant has', async (t) => {
    const { kysely, userId, ...of } = await setUp(t, await at.newUrl());
    const { own, shared, begin, send, store, count, left, pass, deleteAsBefore } = of;
    const mine = await store('mine');
    const prompt = await own([mine.id]);
    const { id, file } = await shared('shared');
    const chat = await begin(id);
    await send(chat.id);
    await deleteAsBefore(mine.id);
    // It deletes a chat: first what its messages have, at last the chat.
    await sql`DELETE FROM message_files WHERE file_id = ${file}`.execute(kysely);
    await deleteAsBefore(file);
    assert.deepEqual(
      [await left(mine.id), await left(file)],
      [
        [1, 1],
        [1, 1],
      ],
    );
    await sql`UPDATE messages SET content = '', conversation_id = NULL, erased_at = 1
      WHERE user_id = ${userId}`.execute(kysely);
    await sql`DELETE FROM conversations WHERE id = ${chat.id}`.execute(kysely);
    await pass(60_000);
    assert.deepEqual(await left(file), [1, 1]);
    // It ends a group or a user with what they share: the database has the files looked at.
    await kysely.deleteFrom('prompts').where('id', 'in', [id, prompt.id]).execute();
    assert.equal(await count(sql`FROM files WHERE pending_since IS NULL`), 0);
    await pass(2 * HOUR_MS);
    assert.deepEqual(
      [await left(mine.id), await left(file)],
      [
        [0, 0],
        [0, 0],
      ],
    );
  });

  test('whoever erases a user first deletes the files: those of assistants too', async (t) => {
    const { kysely, userId, own, begin, store, left, deleteAsBefore } = await setUp(
      t,
      await at.newUrl(),
    );
    const file = await store('private');
    await begin((await own([file.id])).id);
    await deleteAsBefore(file.id);
    await sql`UPDATE users SET deleted_at = 5 WHERE id = ${userId}`.execute(kysely);
    const [row] = await kysely.selectFrom('files').selectAll().execute();
    assert.deepEqual([row?.deleted_at, row?.name, row?.hash], [5, '', '']);
    assert.deepEqual((await left(file.id))[0], 0);
  });

  test('of beginning a chat and taking the file out, one sees the other', async (t) => {
    const { context, userId, own, begin, store, pass, count } = await setUp(t, await at.newUrl());
    for (let nth = 0; nth < 5; nth += 1) {
      const file = await store(`raced ${nth}`);
      const { id } = await own([file.id]);
      const [chat] = await Promise.all([
        begin(id),
        changePrompt(context, { userId }, id, { files: [] }, { userId }),
      ]);
      await pass(0);
      const kept = await context.assistantFiles.ofConversation(chat.id);
      const isThere = (await context.files.find(userId, file.id)) !== undefined;
      assert.equal(isThere, kept.length === 1);
    }
    // None has a file that is gone.
    const gone = sql`FROM conversation_files l JOIN files f ON f.id = l.file_id
      WHERE f.deleted_at IS NOT NULL`;
    assert.equal(await count(gone), 0);
  });

  test('copies are deleted if the assistant that they are for is not made', async (t) => {
    const { context, store, sharer, count, pass } = await setUp(t, await at.newUrl());
    const { id } = await store('lost');
    const fields = { kind: 'assistant', title: 'T', content: 'x', files: [id] } as const;
    const to = { groupId: 'none' };
    await assert.rejects(addPrompt(context, to, fields, sharer), { code: 'group_not_found' });
    await pass(0);
    assert.equal(await count(sql`FROM files WHERE user_id IS NULL`), 0);
    const stranger = { ...sharer, userId: sharer.userId + 1 };
    await assert.rejects(addPrompt(context, ALL, fields, stranger), { code: 'file_not_found' });
    await assert.rejects(addPrompt(context, { userId: stranger.userId }, fields, stranger));
    assert.equal(await count(sql`FROM prompts`), 0);
  });
});
