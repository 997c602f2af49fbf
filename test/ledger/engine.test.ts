/** Every engine means what the reference ledger means, command by command and row by row. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Command } from '../../src/core/ledger.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { ReferenceLedger } from '../../src/core/reference-ledger.ts';
import { UNKNOWN_USAGE } from '../../src/core/usage.ts';
import { SqliteLedgerEngine } from '../../src/ledger/sqlite-engine.ts';
import { type OpenDatabase, openDatabase } from '../../src/store/dialect.ts';
import { batches } from '../support/commands.ts';

async function freshDatabase(): Promise<OpenDatabase> {
  const database = openDatabase('sqlite::memory:');
  await database.migrate();
  return database;
}

test('random commands give the results and the state of the reference ledger', async () => {
  await fc.assert(
    fc.asyncProperty(batches, async (sequence) => {
      const database = await freshDatabase();
      const engine = new SqliteLedgerEngine(database.sqlite);
      const reference = new ReferenceLedger();
      for (const batch of sequence) {
        assert.deepEqual(await engine.apply(batch), reference.apply(batch));
        assert.deepEqual(await stateOf(database), stateOfReference(reference));
      }
      assert.deepEqual((await engine.verify()).differences, []);
      await database.close();
    }),
    { numRuns: 300 },
  );
});

test('a batch that fails in the middle books nothing of it', async () => {
  const database = await freshDatabase();
  const engine = new SqliteLedgerEngine(database.sqlite);
  await engine.apply([openCommand(1, 500)]);
  const before = await stateOf(database);
  database.sqlite.db.exec(`CREATE TRIGGER break_it BEFORE INSERT ON messages
    WHEN new.content = 'break' BEGIN SELECT RAISE(ABORT, 'broken for the test'); END`);
  const batch = [holdCommand('a', 100, 'fine'), holdCommand('b', 100, 'break')];
  await assert.rejects(engine.apply(batch), /broken for the test/);
  assert.deepEqual(await stateOf(database), before);
  assert.deepEqual(await engine.apply([holdCommand('c', 100, 'fine')]), [{ outcome: 'held' }]);
  await database.close();
});

test('a cost above the hold is charged up to the hold, the rest is shortfall', async () => {
  const database = await freshDatabase();
  const engine = new SqliteLedgerEngine(database.sqlite);
  await engine.apply([openCommand(1, 500), holdCommand('a', 100, 'hi')]);
  const [result] = await engine.apply([settleCommand('a', 130)]);
  const settled = { outcome: 'settled', chargedCredits: 100, shortfallCredits: 30 };
  assert.deepEqual(result, { ...settled, balanceCredits: 400 });
  const again = await engine.apply([settleCommand('a', 1), releaseCommand('a')]);
  assert.deepEqual(again, [result, result]);
  await database.close();
});

test('the database itself refuses what the ledger never does', async () => {
  const database = await freshDatabase();
  const engine = new SqliteLedgerEngine(database.sqlite);
  await engine.apply([openCommand(1, 500), holdCommand('a', 100, 'hi'), settleCommand('a', 100)]);
  const before = await stateOf(database);
  for (const [sql, refusal] of [
    ['UPDATE transfers SET credits = 1', /never changed/],
    ['DELETE FROM transfers', /never changed/],
    ['UPDATE accounts SET posted = -1', /CHECK/],
    ['UPDATE accounts SET held = -1', /CHECK/],
    ['UPDATE accounts SET held = posted + 1', /CHECK/],
    ["UPDATE accounts SET posted = 'many'", /cannot store TEXT/],
    ["UPDATE holds SET state = 'lost'", /CHECK/],
    ["UPDATE holds SET state = 'open'", /CHECK/],
    ["INSERT INTO holds VALUES ('x', 9, 1, 'open', 'dummy', 0, NULL)", /FOREIGN KEY/],
    ['DELETE FROM accounts', /FOREIGN KEY/],
  ] as const) {
    assert.throws(() => database.sqlite.db.exec(sql), refusal, sql);
  }
  assert.deepEqual(await stateOf(database), before);
  await database.close();
});

test('verify names an account whose balance or hold is not the sum of its bookings', async () => {
  const database = await freshDatabase();
  const engine = new SqliteLedgerEngine(database.sqlite);
  await engine.apply([openCommand(1, 500), openCommand(2, 500), holdCommand('a', 100, 'hi')]);
  assert.deepEqual((await engine.verify()).differences, []);
  database.sqlite.db.exec('UPDATE accounts SET posted = 600 WHERE id = 2');
  database.sqlite.db.exec('UPDATE accounts SET held = 50 WHERE id = 1');
  const { differences } = await engine.verify();
  assert.deepEqual(differences, [
    'Account 1 has 50 held, but its open holds sum to 100.',
    'Account 2 has 600 posted, but its transfers sum to 500.',
  ]);
  await database.close();
});

function openCommand(accountId: number, openingCredits: number): Command {
  const user = {
    username: `user-${accountId}`,
    passwordHash: 'hash',
    isStaff: false,
    isSuperuser: false,
  };
  const openingTransferId = `opening-${accountId}`;
  return { kind: 'open', accountId, user, openingTransferId, openingCredits, atMs: 1 };
}

function holdCommand(generationId: string, credits: number, content: string): Command {
  return { kind: 'hold', generationId, accountId: 1, credits, model: 'dummy', content, atMs: 2 };
}

function settleCommand(generationId: string, costCredits: number): Command {
  return {
    kind: 'settle',
    generationId,
    accountId: 1,
    costCredits,
    price: flatPrice(100),
    usage: UNKNOWN_USAGE,
    usageSource: 'flat',
    reply: 'reply',
    status: 'complete',
    atMs: 3,
  };
}

function releaseCommand(generationId: string): Command {
  return { kind: 'release', generationId, accountId: 1, reason: 'it failed', atMs: 3 };
}

/** Everything that the reference ledger knows too, as rows in a fixed order. */
async function stateOf({ kysely }: OpenDatabase) {
  const accounts = await kysely.selectFrom('accounts').selectAll().orderBy('id').execute();
  const users = await kysely.selectFrom('users').select(['id', 'username']).orderBy('id').execute();
  const transfers = await kysely
    .selectFrom('transfers')
    .select(['id', 'account_id', 'kind', 'credits', 'balance_after', 'shortfall'])
    .orderBy('id')
    .execute();
  const holds = await kysely
    .selectFrom('holds')
    .select(['id', 'account_id', 'credits', 'state'])
    .orderBy('id')
    .execute();
  const messages = await kysely
    .selectFrom('messages')
    .select(['id', 'status', 'reply'])
    .orderBy('id')
    .execute();
  return plain({ accounts, users, transfers, holds, messages });
}

function stateOfReference(reference: ReferenceLedger) {
  const byId = <K, V>(map: Map<K, V>) =>
    [...map].sort(([a], [b]) => (a === b ? 0 : a < b ? -1 : 1));
  return plain({
    accounts: byId(reference.accounts).map(([id, account]) => ({
      id,
      posted: account.postedCredits,
      held: account.heldCredits,
    })),
    users: byId(new Map([...reference.usernames].map(([name, id]) => [id, name]))).map(
      ([id, username]) => ({ id, username }),
    ),
    transfers: byId(reference.transfers).map(([id, it]) => ({
      id,
      account_id: it.accountId,
      kind: it.kind,
      credits: it.credits,
      balance_after: it.balanceCredits,
      shortfall: it.shortfallCredits,
    })),
    holds: byId(reference.holds).map(([id, it]) => ({
      id,
      account_id: it.accountId,
      credits: it.credits,
      state: it.state,
    })),
    messages: byId(reference.messages).map(([id, it]) => ({
      id,
      status: it.status,
      reply: it.reply,
    })),
  });
}

/** Rows of node:sqlite have no prototype, which deepEqual would call a difference. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
