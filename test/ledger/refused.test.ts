/** A command that the database refuses fails alone, and text is stored as far as it can be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry } from '../../src/core/audit-log.ts';
import { ChitError } from '../../src/core/errors.ts';
import type { Command } from '../../src/core/ledger.ts';
import { BatchRefused, type LedgerEngine, OutcomeUnknown } from '../../src/ledger/engine.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { engineFor, onEachDatabase, openMigrated } from '../support/databases.ts';
import { holdOf, openOf, releaseOf, settleOf } from '../support/ledger-commands.ts';

const BAD = 'a\0b \ud83d c \udc00';
const KEPT = 'a\ufffdb \ufffd c \ufffd';

onEachDatabase((at) => {
  test('a command that the database refuses fails alone, wherever it is in the batch', async () => {
    const database = await openMigrated(await at.newUrl());
    const ledger = new Ledger(engineFor(database));
    await ledger.submit(openOf(1, 10_000));
    for (const [round, bad] of [0, 7, 19].entries()) {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => {
          const hold = holdOf(`${round}-${index}`, 100);
          const wrong = { ...hold, inputTokens: null as unknown as number };
          return ledger.submit(index === bad ? wrong : hold);
        }),
      );
      for (const [index, outcome] of outcomes.entries()) {
        if (index === bad) {
          assert.ok(outcome.status === 'rejected' && outcome.reason instanceof BatchRefused);
          continue;
        }
        const held = { outcome: 'held', heldCredits: 100 };
        assert.deepEqual(outcome, { status: 'fulfilled', value: held }, String(index));
      }
    }
    assert.equal((await ledger.account(1))?.heldCredits, 3 * 19 * 100);
    await database.close();
  });

  test('characters that no database can store are replaced by U+FFFD', async () => {
    const database = await openMigrated(await at.newUrl());
    const ledger = new Ledger(engineFor(database));
    await ledger.submit(openOf(1, 10_000));
    const entry: AuditEntry = {
      id: 'entry',
      atMs: 1,
      actor: 'cli:test',
      address: undefined,
      action: 'credits.grant',
      target: 'user:1',
      reason: BAD,
      before: undefined,
      after: { text: BAD },
    };
    const opened = ['settled', 'released', 'open'].map((id) => ({
      ...holdOf(id, 100),
      content: BAD,
    }));
    await Promise.all(opened.map((hold) => ledger.submit(hold)));
    await Promise.all([
      ledger.submit({
        kind: 'grant',
        transferId: 'grant',
        accountId: 1,
        credits: 5,
        actor: 'cli:test',
        reason: BAD,
        idempotency: undefined,
        audit: [entry],
        atMs: 1,
      }),
      ledger.submit({ ...settleOf('settled', 5), reply: BAD }),
      ledger.submit(releaseOf('released')),
      ledger.submit({
        kind: 'journal',
        generationId: 'open',
        accountId: 1,
        piece: 0,
        text: BAD,
        nonReplyOutput: BAD,
      }),
    ]);
    const { kysely } = database;
    const messages = await kysely
      .selectFrom('messages')
      .select(['content', 'reply'])
      .orderBy('id')
      .execute();
    assert.deepEqual(
      messages.map((it) => ({ ...it })),
      [
        { content: KEPT, reply: null },
        { content: KEPT, reply: null },
        { content: KEPT, reply: KEPT },
      ],
    );
    const piece = await kysely.selectFrom('journal').selectAll().executeTakeFirst();
    const booked = await kysely
      .selectFrom('transfers')
      .select('reason')
      .where('id', '=', 'grant')
      .executeTakeFirst();
    const logged = await kysely.selectFrom('audit_log').selectAll().executeTakeFirst();
    assert.deepEqual([piece?.text, piece?.non_reply_output], [KEPT, KEPT]);
    assert.deepEqual([booked?.reason, logged?.reason], [KEPT, KEPT]);
    assert.deepEqual(JSON.parse(logged?.after ?? ''), { text: BAD }, 'as JSON it is escaped');
    await database.close();
  });
});

/** The sizes of the batches that an engine gets if it fails like this, and the errors. */
async function batchesWith(failure: Error): Promise<{ batches: number[]; errors: unknown[] }> {
  const batches: number[] = [];
  const engine: LedgerEngine = {
    apply: async (commands: readonly Command[]) => {
      batches.push(commands.length);
      throw failure;
    },
    account: async () => undefined,
  };
  const ledger = new Ledger(engine);
  const sent = Array.from({ length: 4 }, (_, index) => ledger.submit(holdOf(`${index}`, 1)));
  const errors = (await Promise.allSettled(sent)).map((it) => 'reason' in it && it.reason);
  return { batches, errors };
}

test('a batch is split only if the database refused it, not if it may be booked or pass later', async () => {
  for (const [failure, isOutcomeUnknown] of [
    [new Error('The disk is full.'), false],
    [new OutcomeUnknown('No reply from the database.'), true],
  ] as const) {
    const { batches, errors } = await batchesWith(failure);
    assert.deepEqual(batches, [4]);
    for (const error of errors) {
      assert.ok(error instanceof ChitError);
      assert.deepEqual(error.details, { isOutcomeUnknown });
    }
  }
  const { batches } = await batchesWith(new BatchRefused('Refused.'));
  assert.deepEqual(batches, [4, 2, 1, 1, 2, 1, 1]);
});
