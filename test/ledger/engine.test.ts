/** Every engine gives the results and the rows of the reference ledger. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { sql } from 'kysely';
import type { Command } from '../../src/core/ledger.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { ReferenceLedger } from '../../src/core/reference-ledger.ts';
import type { LedgerEngine } from '../../src/ledger/engine.ts';
import type { OpenDatabase } from '../../src/store/database/dialect.ts';
import { batchSteps } from '../support/commands.ts';
import {
  DATABASES,
  type DatabaseKind,
  databaseKind,
  emptyDatabase,
  engineFor,
  openMigrated,
} from '../support/databases.ts';
import { holdOf, openOf, releaseOf, settleOf } from '../support/ledger-commands.ts';
import {
  disableOnly,
  giveConversations,
  stateOf,
  stateOfReference,
} from '../support/ledger-state.ts';
import { makeApiKeys, makeWorld } from '../support/ledger-world.ts';

/** `reached.test.ts` shows what so many runs reach. */
const RUNS = { SQLite: 300, PostgreSQL: 100 } as const;

async function opened(engine: LedgerEngine): Promise<Command[]> {
  const commands = [openOf(1, 500)];
  await engine.apply(commands);
  return commands;
}

for (const name of DATABASES) {
  describe(name, () => {
    let kind: DatabaseKind;
    let database: OpenDatabase;
    let engine: LedgerEngine;

    before(async () => {
      kind = await databaseKind(name);
      database = await openMigrated(await kind.newUrl());
      engine = engineFor(database);
      // Nothing here is about a disk.
      database.base.sqlite?.db.exec('PRAGMA synchronous = OFF');
    });
    after(async () => {
      await database.close();
      await kind.stop();
    });

    test('random commands give the results and the state of the reference ledger', async () => {
      await fc.assert(
        fc.asyncProperty(batchSteps, async (steps) => {
          await emptyDatabase(database);
          const reference = new ReferenceLedger();
          for (const [index, { batch, disabledAccountIds }] of steps.entries()) {
            // The first batch opens accounts.
            if (index === 1) {
              await makeWorld(database, reference);
              await giveConversations(database, reference);
            }
            await disableOnly(database, reference, disabledAccountIds);
            assert.deepEqual(await engine.apply(batch), reference.apply(batch));
            assert.deepEqual(await stateOf(database), stateOfReference(reference));
          }
        }),
        { numRuns: RUNS[name] },
      );
    });

    test('commands that are sent again, in any order, change nothing', async () => {
      await emptyDatabase(database);
      const commands: Command[] = [
        settleOf('a', 70),
        releaseOf('b'),
        { ...openOf(1, 500), kind: 'grant', transferId: 'g', credits: 9, actor: 'a', reason: 'r' },
        { kind: 'refund', transferId: 'f', chargeId: 'x', actor: 'a', reason: 'r', atMs: 4 },
      ];
      const opening = [openOf(1, 500), holdOf('a', 100), holdOf('b', 50), holdOf('x', 10)];
      await engine.apply(opening);
      await engine.apply([settleOf('x', 10)]);
      const results = await engine.apply(commands);
      const state = await stateOf(database);
      for (let round = 0; round < 10; round += 1) {
        const shuffled = commands.toSorted(() => Math.random() - 0.5);
        for (const command of shuffled) {
          assert.deepEqual(await engine.apply([command]), [results[commands.indexOf(command)]]);
        }
        assert.deepEqual(await stateOf(database), state);
      }
    });

    test('nothing is booked of a batch that fails in the middle', async () => {
      await emptyDatabase(database);
      await engine.apply([openOf(1, 500)]);
      const before = await stateOf(database);
      const tooLong = { ...holdOf('b', 100), inputTokens: null as unknown as number };
      await assert.rejects(engine.apply([holdOf('a', 100), tooLong]));
      assert.deepEqual(await stateOf(database), before);
      const [held] = await engine.apply([holdOf('c', 100)]);
      assert.deepEqual(held, { outcome: 'held', heldCredits: 100 });
    });

    test('a cost above the hold is charged up to the hold, the rest is shortfall', async () => {
      await emptyDatabase(database);
      await engine.apply([openOf(1, 500), holdOf('a', 100)]);
      const [result] = await engine.apply([settleOf('a', 130)]);
      assert.deepEqual(result, {
        outcome: 'settled',
        chargedCredits: 100,
        shortfallCredits: 30,
        balanceCredits: 400,
        status: 'complete',
        failure: undefined,
      });
      assert.deepEqual(await engine.apply([settleOf('a', 1), releaseOf('a')]), [result, result]);
    });

    test('thinking is stored with the reply, unless its message was erased meanwhile', async () => {
      await emptyDatabase(database);
      await engine.apply([openOf(1, 500), holdOf('a', 100), holdOf('b', 100), holdOf('c', 100)]);
      const { kysely } = database;
      await kysely.updateTable('messages').set({ erased_at: 5 }).where('id', '=', 'b').execute();
      const thinking = { text: 'hm', ms: 1_200, tokens: 7 };
      await engine.apply(['a', 'b'].map((id) => ({ ...settleOf(id, 10), thinking })));
      await engine.apply([settleOf('c', 10)]);
      const stored = () =>
        kysely
          .selectFrom('messages')
          .select(['id', 'thinking', 'thinking_ms as ms', 'thinking_tokens as tokens'])
          .orderBy('id')
          .execute();
      const none = { thinking: null, ms: null, tokens: null };
      const rows = (await stored()).map((row) => ({ ...row }));
      assert.deepEqual(rows, [
        { id: 'a', thinking: 'hm', ms: 1_200, tokens: 7 },
        { id: 'b', ...none },
        { id: 'c', ...none },
      ]);
      // As a server of the version before erases, which does not know of thinking.
      await kysely.updateTable('messages').set({ erased_at: 6 }).where('id', '=', 'a').execute();
      assert.equal((await stored())[0]?.thinking, null);
    });

    test('concurrent holds of one API key share its budget, and what they return to it', async () => {
      await emptyDatabase(database);
      const reference = new ReferenceLedger();
      reference.apply(await opened(engine));
      await makeApiKeys(database.kysely, reference);
      const asked = ['a', 'b', 'c', 'd'].map((id) => ({
        ...holdOf(id, 80),
        leastCredits: 20,
        apiKeyId: 'api-key-1',
      }));
      const held = await engine.apply(asked);
      assert.deepEqual(
        held.map((it) => ('heldCredits' in it ? it.heldCredits : it)),
        [
          80,
          80,
          80,
          {
            outcome: 'budget_exceeded',
            availableCredits: 10,
            isHeldByOthers: true,
            payerId: 1,
            budget: { id: 'api-key-1', kind: 'key' },
            renewsAtMs: undefined,
          },
        ],
      );
      await engine.apply([settleOf('a', 30), releaseOf('b')]);
      const again = { ...holdOf('e', 1_000), leastCredits: 1, apiKeyId: 'api-key-1' };
      assert.deepEqual(await engine.apply([again]), [{ outcome: 'held', heldCredits: 140 }]);
      assert.deepEqual(await engine.account(1), {
        postedCredits: 470,
        heldCredits: 220,
      });
    });

    test('a charge names the model that answered, at its own price', async () => {
      await emptyDatabase(database);
      await engine.apply([openOf(1, 500), holdOf('a', 100), holdOf('b', 100)]);
      const price = flatPrice(30);
      const charged = { model: 'other', price };
      await engine.apply([{ ...settleOf('a', 30), charged }, settleOf('b', 100)]);
      const rows = await database.kysely
        .selectFrom('transfers')
        .select(['id', 'model', 'price'])
        .where('kind', '=', 'charge')
        .orderBy('id')
        .execute();
      assert.deepEqual(
        rows.map((row) => ({ ...row })),
        [
          { id: 'a', model: 'other', price: JSON.stringify(price) },
          { id: 'b', model: 'dummy', price: JSON.stringify(flatPrice(100)) },
        ],
      );
    });

    test('a hold that was released before it was opened is never opened', async () => {
      await emptyDatabase(database);
      await engine.apply([openOf(1, 500)]);
      assert.deepEqual(await engine.apply([releaseOf('late')]), [
        { outcome: 'released', failure: undefined },
      ]);
      assert.deepEqual(await engine.apply([holdOf('late', 100)]), [{ outcome: 'id_taken' }]);
      assert.deepEqual(await engine.account(1), {
        postedCredits: 500,
        heldCredits: 0,
      });
    });

    test('the database itself refuses what breaks the rules of the ledger', async () => {
      await emptyDatabase(database);
      await engine.apply([openOf(1, 500), openOf(2, 0), holdOf('a', 100)]);
      await engine.apply([settleOf('a', 100)]);
      const reference = new ReferenceLedger();
      reference.apply([openOf(1, 500), openOf(2, 0)]);
      await makeWorld(database, reference);
      const before = await stateOf(database);
      for (const [statement, refusal] of [
        ['UPDATE transfers SET credits = 1', /never changed/],
        ['DELETE FROM transfers', /never changed/],
        ['UPDATE accounts SET posted = -1', /CHECK|check/],
        ['UPDATE accounts SET held = -1', /CHECK|check/],
        ['UPDATE accounts SET held = posted + 1', /CHECK|check/],
        ['UPDATE accounts SET posted = 1000000000000001', /CHECK|check/],
        ["UPDATE accounts SET posted = 'many'", /cannot store TEXT|invalid input syntax/],
        ["UPDATE holds SET state = 'lost'", /CHECK|check/],
        ["UPDATE holds SET state = 'open'", /CHECK|check/],
        [
          `INSERT INTO holds (id, account_id, credits, state, created_at, ended_at)
            VALUES ('x', 9, 0, 'released', 0, 0)`,
          /FOREIGN KEY|foreign key/,
        ],
        ['UPDATE accounts SET expiring = -1', /CHECK|check/],
        ['UPDATE accounts SET expiring = posted + 1', /CHECK|check/],
        ['UPDATE accounts SET plan_id = NULL, renews_at = 1', /CHECK|check/],
        ['UPDATE budget_counters SET spent = -1', /CHECK|check/],
        ['UPDATE budget_counters SET held = -1', /CHECK|check/],
        ['UPDATE budgets SET credits = -1', /CHECK|check/],
        ['UPDATE vouchers SET uses = -1', /CHECK|check/],
        ['INSERT INTO transfers SELECT * FROM transfers', /never changed|duplicate key/],
        ['DELETE FROM accounts', /FOREIGN KEY|foreign key/],
      ] as const) {
        await assert.rejects(sql.raw(statement).execute(database.kysely), refusal, statement);
      }
      assert.deepEqual(await stateOf(database), before);
    });
  });
}
