/**
 * API keys of earlier versions had budgets in their own row. After the upgrade they are budgets
 * like others, with what was spent and is held, and go on from there.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { flatPrice } from '../../src/core/pricing.ts';
import { ledgerFunctions } from '../../src/ledger/postgres/functions.ts';
import { type OpenDatabase, openDatabase } from '../../src/store/database/dialect.ts';
import { faultsOf, openTestChit } from '../support/chit.ts';
import { loadDump } from '../support/database-dump.ts';
import { engineFor, onEachDatabase } from '../support/databases.ts';
import { holdOf, releaseOf, settleOf } from '../support/ledger-commands.ts';
import { scriptedModel } from '../support/scripted-model.ts';

const VERSIONS = ['0.1.0', '0.2.0'];
const PRICE = JSON.stringify(flatPrice(120));

/** With what is charged to it and what it holds, each in one generation; all of one user. */
const KEYS = [
  { id: 'upgraded-limited', budget: 500, charged: 120, held: 80, endedAt: null },
  { id: 'upgraded-free', budget: null, charged: 120, held: 60, endedAt: null },
  { id: 'upgraded-spent', budget: 120, charged: 120, held: 0, endedAt: null },
  { id: 'upgraded-revoked', budget: 900, charged: 120, held: 40, endedAt: 9 },
  { id: 'upgraded-unused', budget: 0, charged: 0, held: 0, endedAt: null },
];

onEachDatabase((at) => {
  for (const version of VERSIONS) {
    test(`budgets of API keys of ${version} keep what was spent and is held`, async () => {
      const url = await at.newEmptyUrl();
      const file = `${version}-${at.name.toLowerCase()}.sql`;
      await loadDump(url, readFileSync(join(import.meta.dirname, 'upgrade', file), 'utf8'));
      const database = openDatabase(url);
      try {
        const userId = await giveKeys(database);
        const before = await keysOf(database);
        assert.equal(before.length, KEYS.length + 1, 'one that is in the dump as well');
        await database.migrate(ledgerFunctions);
        assert.deepEqual(await countersOf(database), before);
        if (at.name === 'SQLite') {
          const { rows } = await sql.raw('PRAGMA foreign_key_check').execute(database.kysely);
          assert.deepEqual(rows, []);
        }
        await assertVerified(url);
        await spendOn(database, userId);
        await assertVerified(url);
      } finally {
        await database.close();
      }
    });
  }
});

/** Gives the keys to a user of the dump, in the schema of its version; returns the user. */
async function giveKeys({ kysely: db }: OpenDatabase): Promise<number> {
  const { rows } = await sql<{ id: number }>`SELECT id FROM accounts
    WHERE held = 0 AND posted = 4000 AND transfer_count = 1 ORDER BY id LIMIT 1`.execute(db);
  const id = rows[0]?.id as number;
  let posted = 4_000;
  let count = 1;
  for (const key of KEYS) {
    await sql`INSERT INTO api_keys (id, user_id, name, prefix, secret_hash, budget, spent, held,
        created_at, ended_at)
      VALUES (${key.id}, ${id}, ${key.id}, 'chit_', ${key.id}, ${key.budget}, ${key.charged},
        ${key.held}, 1, ${key.endedAt})`.execute(db);
    if (key.held > 0) await insertGeneration(db, { key, userId: id, state: 'open' });
    if (key.charged === 0) continue;
    await insertGeneration(db, { key, userId: id, state: 'settled' });
    posted -= key.charged;
    count += 1;
    await sql`INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor,
        model, usage_source, price, shortfall, created_at)
      VALUES (${`${key.id}-settled`}, ${id}, ${count}, 'charge', ${-key.charged}, ${posted},
        'system', 'flat', 'flat', ${PRICE}, 0, 3)`.execute(db);
  }
  const held = KEYS.reduce((sum, key) => sum + key.held, 0);
  await sql`UPDATE accounts SET posted = ${posted}, held = ${held}, transfer_count = ${count}
    WHERE id = ${id}`.execute(db);
  return id;
}

async function insertGeneration(
  db: OpenDatabase['kysely'],
  of: {
    readonly key: (typeof KEYS)[number];
    readonly userId: number;
    readonly state: 'open' | 'settled';
  },
): Promise<void> {
  const { key, userId, state } = of;
  const id = `${key.id}-${state}`;
  const isOpen = state === 'open';
  const credits = isOpen ? key.held : key.charged;
  const status = isOpen ? 'pending' : 'complete';
  const endedAt = isOpen ? null : 3;
  await sql`INSERT INTO holds (id, account_id, credits, state, lease_id, model, price,
      input_tokens, api_key_id, created_at, ended_at)
    VALUES (${id}, ${userId}, ${credits}, ${state}, 'gone', 'flat', ${PRICE}, 1, ${key.id}, 2,
      ${endedAt})`.execute(db);
  await sql`INSERT INTO messages (id, user_id, is_relayed, model, content, reply, status,
      created_at, ended_at)
    VALUES (${id}, ${userId}, 1, 'flat', 'Hello', ${isOpen ? null : 'Hi'}, ${status}, 2,
      ${endedAt})`.execute(db);
}

/** Budget, spent and held of every key, before the upgrade. */
async function keysOf({ kysely }: OpenDatabase): Promise<object[]> {
  const { rows } = await sql<object>`SELECT id, user_id, budget, spent, held FROM api_keys
    ORDER BY id`.execute(kysely);
  return rows.map((row) => ({ ...row }));
}

/** The same, afterwards. */
async function countersOf({ kysely }: OpenDatabase): Promise<object[]> {
  const { rows } = await sql<object>`SELECT k.id, c.subject AS user_id, b.credits AS budget,
      c.spent, c.held
    FROM api_keys k JOIN budgets b ON b.id = k.id AND b.kind = 'key' AND b.scope = k.id
      AND b.hours IS NULL AND b.calendar IS NULL AND b.ended_at IS NULL
    JOIN budget_counters c ON c.budget_id = b.id AND c.subject = k.user_id AND c.window_start = 0
    ORDER BY k.id`.execute(kysely);
  return rows.map((row) => ({ ...row }));
}

/** What is left of each is what can be held, and what was held before comes back to it. */
async function spendOn(database: OpenDatabase, userId: number): Promise<void> {
  const engine = engineFor(database);
  const through = (apiKeyId: string, id: string, credits: number) => {
    return { ...holdOf(id, credits, userId), price: flatPrice(credits), apiKeyId };
  };
  const outcomesOf = async (...commands: Parameters<typeof engine.apply>[0]) =>
    (await engine.apply(commands)).map((it) => it.outcome);
  assert.deepEqual(
    await outcomesOf(
      through('upgraded-limited', 'a', 301),
      through('upgraded-limited', 'b', 300),
      through('upgraded-spent', 'c', 1),
      through('upgraded-free', 'd', 500),
      through('upgraded-revoked', 'e', 1),
      through('upgraded-unused', 'f', 1),
    ),
    ['budget_exceeded', 'held', 'budget_exceeded', 'held', 'api_key_unknown', 'budget_exceeded'],
  );
  assert.deepEqual(
    await outcomesOf(
      settleOf('b', 300, userId),
      settleOf('d', 500, userId),
      releaseOf('upgraded-limited-open', userId),
      releaseOf('upgraded-revoked-open', userId),
      through('upgraded-limited', 'g', 81),
      through('upgraded-limited', 'h', 80),
    ),
    ['settled', 'settled', 'released', 'released', 'budget_exceeded', 'held'],
  );
}

async function assertVerified(url: string): Promise<void> {
  const chit = await openTestChit(url, scriptedModel(flatPrice(1)));
  try {
    assert.deepEqual(await faultsOf(chit), []);
  } finally {
    await chit.close();
  }
}
