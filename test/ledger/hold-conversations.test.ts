/** Whom and where a hold is for must be there: both engines say the same, and hold nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { BatchRefused } from '../../src/ledger/engine.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { engineFor, onEachDatabase, openMigrated, tamper } from '../support/databases.ts';
import { holdOf, openOf, settleOf } from '../support/ledger-commands.ts';

onEachDatabase((at) => {
  const open = async () => {
    const database = await openMigrated(await at.newUrl());
    const ledger = new Ledger(engineFor(database));
    await ledger.submit(openOf(1, 1_000));
    await ledger.submit(openOf(2, 1_000));
    const { kysely } = database;
    for (const [id, userId] of [
      ['mine', 1],
      ['theirs', 2],
    ] as const) {
      await sql`INSERT INTO conversations
        (id, user_id, title, system_prompt, adopts_orphans, created_at, updated_at)
        VALUES (${id}, ${userId}, '', '', 0, 1, 1)`.execute(kysely);
    }
    return { database, kysely, ledger };
  };

  test('nothing is held in a conversation that is gone, or of somebody else', async () => {
    const { database, kysely, ledger } = await open();
    const held = await ledger.submit({ ...holdOf('a', 100), conversationId: 'mine' });
    assert.deepEqual(held, { outcome: 'held', heldCredits: 100 });
    const unknown = { outcome: 'conversation_unknown' };
    for (const conversationId of ['theirs', 'never']) {
      const command = { ...holdOf(`to ${conversationId}`, 100), conversationId };
      assert.deepEqual(await ledger.submit(command), unknown);
    }
    // The same hold again is the first one, also where its conversation has gone meanwhile.
    await sql`UPDATE messages SET conversation_id = NULL, content = '', erased_at = 5`.execute(
      kysely,
    );
    await sql`DELETE FROM conversations WHERE id = 'mine'`.execute(kysely);
    const again = await ledger.submit({ ...holdOf('a', 100), conversationId: 'mine' });
    assert.deepEqual(again, held);
    assert.deepEqual(await ledger.submit({ ...holdOf('b', 1), conversationId: 'mine' }), unknown);
    assert.deepEqual(await ledger.account(1), { postedCredits: 1_000, heldCredits: 100 });
    // What was erased while it was answered is charged, and its reply is not kept.
    await ledger.submit(settleOf('a', 100));
    const { reply } = await kysely.selectFrom('messages').select('reply').executeTakeFirstOrThrow();
    assert.equal(reply, '');
    assert.deepEqual(await ledger.account(1), { postedCredits: 900, heldCredits: 0 });
    await database.close();
  });

  test('nothing is held for who is let in no more; what is held ends as ever', async () => {
    const { database, kysely, ledger } = await open();
    await ledger.submit(holdOf('before', 100));
    await sql`UPDATE users SET is_active = 0 WHERE id = 1`.execute(kysely);
    const outcomes = await Promise.all([
      ledger.submit(holdOf('after', 100)),
      ledger.submit(holdOf('other', 100, 2)),
    ]);
    assert.deepEqual(outcomes, [
      { outcome: 'account_unknown' },
      { outcome: 'held', heldCredits: 100 },
    ]);
    assert.equal((await ledger.submit(settleOf('before', 100))).outcome, 'settled');
    assert.deepEqual(await ledger.account(1), { postedCredits: 900, heldCredits: 0 });
    await database.close();
  });

  test('a fault of the database itself is no fault of a command', async () => {
    const { database, ledger } = await open();
    await tamper(database, 'ALTER TABLE journal RENAME TO elsewhere');
    const piece = { kind: 'journal', generationId: 'a', accountId: 1, piece: 0 } as const;
    await ledger.submit(holdOf('a', 100));
    await assert.rejects(ledger.submit({ ...piece, text: 'one', nonReplyOutput: '' }), (error) => {
      assert.ok(!(error instanceof BatchRefused));
      return (error as { code?: string }).code === 'ledger_unavailable';
    });
    await database.close();
  });
});
