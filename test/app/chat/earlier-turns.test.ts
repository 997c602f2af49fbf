/** What a model is told of a conversation: all of it, read in parts, or a refusal. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createConversation } from '../../../src/app/chat/conversations.ts';
import { sendMessage } from '../../../src/app/chat/send-message.ts';
import { newId } from '../../../src/app/ids.ts';
import { hasCode } from '../../../src/core/errors.ts';
import { flatPrice } from '../../../src/core/pricing.ts';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import { faultsOf, newAccount, openTestChit } from '../../support/chit.ts';
import { onEachDatabase } from '../../support/databases.ts';
import { scriptedModel } from '../../support/scripted-model.ts';

interface Words {
  readonly content: string;
  /** null for a message that failed. */
  readonly reply: string | null;
}

/** A conversation that has gone on for long, and what is read of it. */
async function conversationOf(t: TestContext, url: string, branch: readonly Words[]) {
  const model = scriptedModel(flatPrice(100));
  const chit = await openTestChit(url, model);
  const database = openDatabase(url);
  t.after(async () => {
    assert.deepEqual(await faultsOf(chit), []);
    await chit.close();
    await database.close();
  });
  const { context } = chit;
  const userId = await newAccount(chit);
  const { id: conversationId } = await createConversation(context, userId, {});
  let parentId: string | null = null;
  for (let start = 0; start < branch.length; start += 50) {
    const rows = branch.slice(start, start + 50).map(({ content, reply }) => {
      const id: string = newId();
      const row = {
        id,
        user_id: userId,
        conversation_id: conversationId,
        parent_id: parentId,
        model: 'scripted',
        content,
        reply,
        status: reply === null ? ('failed' as const) : ('imported' as const),
        failure: null,
        created_at: 1,
        ended_at: 1,
        erased_at: null,
      };
      parentId = id;
      return row;
    });
    await database.kysely.insertInto('messages').values(rows).execute();
  }
  const slices = { short: 0, long: 0 };
  const { turns, turnsOfLong } = context.messages;
  t.mock.method(context.messages, 'turns', (...leaf: Parameters<typeof turns>) => {
    slices.short += 1;
    return turns.apply(context.messages, leaf);
  });
  t.mock.method(context.messages, 'turnsOfLong', (...leaf: Parameters<typeof turns>) => {
    slices.long += 1;
    return turnsOfLong.apply(context.messages, leaf);
  });
  const send = () =>
    sendMessage(context, {
      userId,
      conversationId,
      content: 'next',
      parentId: parentId ?? undefined,
      model: undefined,
      idempotency: undefined,
      onLimits: () => undefined,
    });
  const sent = async () => {
    await send();
    await context.generations.idle();
    return model.requests[0]?.promptContext.turns;
  };
  return { chit, userId, model, slices, send, sent };
}

const numbered = (count: number, characters: number): { content: string; reply: string }[] =>
  Array.from({ length: count }, (_, nth) => ({
    content: `${nth}`.padEnd(characters, 'ü'),
    reply: `reply ${nth}`,
  }));

onEachDatabase((at) => {
  test('a short conversation is read at once, without what failed', async (t) => {
    const [first, second] = numbered(2, 10) as [Words, Words];
    const failed = { content: 'failed', reply: null };
    const { sent, slices } = await conversationOf(t, at.url, [first, failed, second, failed]);
    assert.deepEqual(await sent(), [first, second]);
    assert.deepEqual(slices, { short: 1, long: 0 });
  });

  test('the rest of a long one is read beside what books, and nothing is left out', async (t) => {
    const words = numbered(16, 200_000);
    const { sent, slices } = await conversationOf(t, at.url, words);
    assert.deepEqual(await sent(), words);
    // Two messages of 400 kB fit into a slice of 1 MB.
    assert.deepEqual(slices, { short: 1, long: 7 });
  });

  test('one of very many short messages is read in parts as well', async (t) => {
    const words = numbered(1_001, 1);
    const { sent, slices } = await conversationOf(t, at.url, words);
    assert.deepEqual(await sent(), words);
    assert.deepEqual(slices, { short: 1, long: 2 });
  });

  test('one that is too long is refused, without being read to its beginning', async (t) => {
    const words = numbered(60, 200_000);
    const { chit, userId, model, send, slices } = await conversationOf(t, at.url, words);
    await assert.rejects(
      send(),
      (error) => hasCode(error, 'conversation_too_long') && error.details.most === 4_000_000,
    );
    assert.deepEqual(slices, { short: 1, long: 9 });
    assert.equal(model.requests.length, 0);
    const account = await chit.context.ledger.account(userId);
    assert.deepEqual(account, { postedCredits: 4_000, heldCredits: 0 });
  });
});
