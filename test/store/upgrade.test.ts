/**
 * A database of any released version is upgraded by this one, and its ledger is the same before and
 * after. `test/support/upgrade-fixture.ts` made the databases in `upgrade/`.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { recoverHolds } from '../../src/app/metering/recover-holds.ts';
import { flatPrice } from '../../src/core/pricing.ts';
import { REPLY_FAILURES } from '../../src/core/reply-failure.ts';
import { ledgerFunctions } from '../../src/ledger/postgres/functions.ts';
import { type OpenDatabase, openDatabase } from '../../src/store/database/dialect.ts';
import { migrationsFor } from '../../src/store/database/migrate.ts';
import { postgresFlavour, SQLITE_FLAVOUR } from '../../src/store/database/sql-flavour.ts';
import { faultsOf, openTestChit } from '../support/chit.ts';
import { assertFailed } from '../support/cli.ts';
import { dumpDatabase, loadDump } from '../support/database-dump.ts';
import { type DatabaseName, onEachDatabase, openMigrated } from '../support/databases.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { runChit } from '../support/server.ts';

/** Each with the last migration that its databases have. */
const VERSIONS = [
  { version: '0.1.0', newestMigration: '0002-administration' },
  { version: '0.2.0', newestMigration: '0003-codes-and-names' },
] as const;
const NEWEST = VERSIONS[VERSIONS.length - 1]?.version ?? '';

/** What tables are called now that had another name once. */
const RENAMED: Record<string, string> = { kept_answers: 'idempotent_responses' };

/** The sentences that 0.1.0 stored, the status they came with, and the code of each. */
const FAILURES = [
  ['failed', 'The model gave an empty answer. Nothing was charged.', 'empty_reply'],
  ['failed', 'The model did not answer. Nothing was charged.', 'model_failed'],
  ['failed', 'The model took too long to answer. Nothing was charged.', 'model_timed_out'],
  ['failed', 'Stopped before the model answered. Nothing was charged.', 'stopped_before_reply'],
  [
    'failed',
    'The server stopped before the model answered. Nothing was charged.',
    'server_lost_before_reply',
  ],
  ['failed', 'The server could not write its books. Nothing was charged.', 'ledger_unavailable'],
  ['incomplete', 'The model broke off.', 'model_broke_off'],
  ['incomplete', 'The model fell silent.', 'model_fell_silent'],
  ['incomplete', 'Stopped.', 'stopped'],
  ['incomplete', 'The server stopped while the model was answering.', 'server_lost'],
  ['failed', 'Somebody wrote this by hand.', 'model_failed'],
  ['incomplete', "It's unknown.", 'model_broke_off'],
] as const;

onEachDatabase((at) => {
  for (const { version, newestMigration } of VERSIONS) {
    describe(`a database of ${version}`, () => {
      let url: string;
      let database: OpenDatabase;

      before(async () => {
        url = await at.newEmptyUrl();
        await loadDump(url, fixture(version, at.name));
        database = openDatabase(url);
      });
      after(() => database.close());

      test('has the schema that its migrations make today', async () => {
        const newUrl = await at.newEmptyUrl();
        const fresh = openDatabase(newUrl);
        await migrateTo(fresh, at.name, await lastMigrationOf(database));
        await fresh.close();
        assert.equal((await dumpDatabase(url)).schema, (await dumpDatabase(newUrl)).schema);
      });

      test('is upgraded, and every row and every balance is as before', async () => {
        assert.deepEqual(await imbalancesOf(database), []);
        assert.deepEqual(await keyImbalancesOf(database, 'api_keys'), []);
        const rowsBefore = await rowCountsOf(database);
        const names = Object.keys(migrationsFor(SQLITE_FLAVOUR));
        const missing = names.slice(names.indexOf(newestMigration) + 1);
        assert.deepEqual(await database.migrate(ledgerFunctions), missing);
        assert.deepEqual(await imbalancesOf(database), []);
        assert.deepEqual(await keyImbalancesOf(database, 'budget_counters'), []);
        assert.deepEqual(await danglingReferencesOf(database, at.name), []);
        const rowsAfter = Object.entries(await rowCountsOf(database));
        const asBefore = rowsAfter.filter(([table]) => table in rowsBefore);
        assert.deepEqual(Object.fromEntries(asBefore), {
          ...rowsBefore,
          kysely_migration: names.length,
        });
      });

      test('every name is claimed, so that nobody takes a similar one', async () => {
        const { kysely } = database;
        const users = kysely
          .selectFrom('users')
          .select('username')
          .where('username', 'is not', null);
        const claims = kysely.selectFrom('username_keys').select('username');
        const [named, claimed] = await Promise.all([users.execute(), claims.execute()]);
        assert.ok(named.length > 0);
        assert.deepEqual(
          claimed.map(({ username }) => username).toSorted(),
          named.map(({ username }) => username).toSorted(),
        );
      });

      test('then has the schema of a new one', async () => {
        const newUrl = await at.newEmptyUrl();
        await (await openMigrated(newUrl)).close();
        assert.equal((await dumpDatabase(url)).schema, (await dumpDatabase(newUrl)).schema);
      });

      test('has codes for the failures of its messages', async () => {
        const rows = await database.kysely
          .selectFrom('messages')
          .select(['status', 'failure'])
          .where('failure', 'is not', null)
          .orderBy('id')
          .execute();
        assert.deepEqual(
          rows.map(({ status, failure }) => [status, failure]),
          [
            ['failed', 'model_failed'],
            ['incomplete', 'model_broke_off'],
          ],
        );
      });

      test('goes on: its open hold is recovered, and `ledger verify` finds no fault', async () => {
        const chit = await openTestChit(url, scriptedModel(flatPrice(10)));
        assert.deepEqual(await faultsOf(chit), []);
        const [open] = await openHoldsOf(database);
        await recoverHolds(chit.context);
        assert.deepEqual(await openHoldsOf(database), []);
        const message = await database.kysely
          .selectFrom('messages')
          .select('status')
          .where('id', '=', open?.id ?? '')
          .executeTakeFirstOrThrow();
        assert.equal(message.status, 'incomplete');
        assert.deepEqual(await faultsOf(chit), []);
        await chit.close();
      });
    });
  }

  test('the database of the newest version has rows in every table', async () => {
    const url = await at.newEmptyUrl();
    await loadDump(url, fixture(NEWEST, at.name));
    const database = openDatabase(url);
    const counts = Object.entries(await rowCountsOf(database));
    const empty = counts.filter(([, count]) => count === 0).map(([table]) => table);
    assert.deepEqual(empty, [], 'a new table needs rows in the fixture of its version');
    await database.close();
  });

  test('every sentence that 0.1.0 stored for a failure becomes its code', async () => {
    const url = await at.newEmptyUrl();
    await loadDump(url, fixture('0.1.0', at.name));
    const database = openDatabase(url);
    for (const [index, [status, sentence]] of FAILURES.entries()) {
      await sql`INSERT INTO messages
          (id, user_id, model, content, reply, status, failure, created_at, ended_at, erased_at)
        SELECT ${`failure-${String(index).padStart(2, '0')}`}, min(id), 'm', '', NULL, ${status},
          ${sentence}, 1, 2, 3 FROM users`.execute(database.kysely);
    }
    await database.migrate(ledgerFunctions);
    const rows = await database.kysely
      .selectFrom('messages')
      .select('failure')
      .where('id', 'like', 'failure-%')
      .orderBy('id')
      .execute();
    assert.deepEqual(
      rows.map(({ failure }) => failure),
      FAILURES.map(([, , code]) => code),
    );
    // Later versions tell more of them apart.
    for (const [, , code] of FAILURES) assert.ok(REPLY_FAILURES.includes(code), code);
    await database.close();
  });

  test('a database that a newer version has upgraded is refused, with what to do', async () => {
    const url = await at.newEmptyUrl();
    const database = await openMigrated(url);
    await sql`INSERT INTO kysely_migration (name, timestamp)
      VALUES ('9999-from-the-future', '2040-01-01T00:00:00.000Z')`.execute(database.kysely);
    const schema = (await dumpDatabase(url)).schema;
    const failed = await runChit('.', ['migrate'], { settings: { CHIT_DATABASE_URL: url } });
    assertFailed(failed, 1, /^The database was upgraded by a newer version .*9999-from-the-future/);
    assert.equal((await dumpDatabase(url)).schema, schema);
    await database.close();
  });
});

function fixture(version: string, name: DatabaseName): string {
  const file = `${version}-${name.toLowerCase()}.sql`;
  return readFileSync(join(import.meta.dirname, 'upgrade', file), 'utf8');
}

async function lastMigrationOf({ kysely }: OpenDatabase): Promise<string> {
  const { rows } = await sql<{ name: string }>`SELECT max(name) AS name
    FROM kysely_migration`.execute(kysely);
  return rows[0]?.name ?? '';
}

/** Brings an empty database to the schema of an earlier version. */
async function migrateTo(
  { kysely }: OpenDatabase,
  name: DatabaseName,
  migration: string,
): Promise<void> {
  const flavour = name === 'SQLite' ? SQLITE_FLAVOUR : postgresFlavour(ledgerFunctions);
  const migrator = new Migrator({
    db: kysely,
    provider: { getMigrations: async () => migrationsFor(flavour) },
  });
  const { error } = await migrator.migrateTo(migration);
  if (error) throw error;
}

/** The rules of the ledger that can be checked in any version of the schema. */
async function imbalancesOf({ kysely }: OpenDatabase): Promise<unknown[]> {
  const { rows } = await sql`
    SELECT a.id, a.posted, a.held FROM accounts a
    WHERE a.posted <> (SELECT coalesce(sum(credits), 0) FROM transfers WHERE account_id = a.id)
      OR a.transfer_count <> (SELECT count(*) FROM transfers WHERE account_id = a.id)
      OR a.held <> (SELECT coalesce(sum(credits), 0) FROM holds
        WHERE account_id = a.id AND state = 'open')
    UNION ALL
    SELECT a.id, t.balance_after, t.number FROM accounts a JOIN transfers t ON t.account_id = a.id
    WHERE t.balance_after <> (SELECT sum(credits) FROM transfers e
      WHERE e.account_id = a.id AND e.number <= t.number)
    UNION ALL
    SELECT h.account_id, h.credits, t.credits FROM holds h LEFT JOIN transfers t ON t.id = h.id
    WHERE h.state = 'settled' AND (t.id IS NULL OR -t.credits > h.credits)`.execute(kysely);
  return rows;
}

/** API keys whose spending is not the sum of their charges, where that is kept. */
async function keyImbalancesOf(
  { kysely }: OpenDatabase,
  table: 'api_keys' | 'budget_counters',
): Promise<unknown[]> {
  const id = sql.ref(table === 'api_keys' ? 'id' : 'budget_id');
  const { rows } = await sql`SELECT k.* FROM ${sql.table(table)} k
    WHERE k.spent <> (SELECT coalesce(-sum(t.credits), 0)
        FROM holds h JOIN transfers t ON t.id = h.id WHERE h.api_key_id = k.${id})
      OR k.held <> (SELECT coalesce(sum(h.credits), 0)
        FROM holds h WHERE h.api_key_id = k.${id} AND h.state = 'open')`.execute(kysely);
  return rows;
}

/** PostgreSQL checks references always, and SQLite not while it is upgraded. */
async function danglingReferencesOf(
  { kysely }: OpenDatabase,
  name: DatabaseName,
): Promise<unknown[]> {
  if (name === 'PostgreSQL') return [];
  return (await sql`PRAGMA foreign_key_check`.execute(kysely)).rows;
}

/** How many rows each table has, by its present name. */
async function rowCountsOf({ kysely }: OpenDatabase): Promise<Record<string, number>> {
  const tables = await kysely.introspection.getTables({ withInternalKyselyTables: true });
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const { rows } = await sql<{ count: number }>`SELECT count(*) AS count
      FROM ${sql.table(name)}`.execute(kysely);
    counts[RENAMED[name] ?? name] = rows[0]?.count ?? 0;
  }
  return counts;
}

function openHoldsOf({ kysely }: OpenDatabase): Promise<{ id: string }[]> {
  return kysely.selectFrom('holds').select('id').where('state', '=', 'open').execute();
}
