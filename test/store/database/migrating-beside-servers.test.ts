/** A database is upgraded while servers of an earlier version work on it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { ledgerFunctions } from '../../../src/ledger/postgres/functions.ts';
import { openDatabase } from '../../../src/store/database/dialect.ts';
import {
  migrateToLatest,
  migrationsFor,
  NEWEST_MIGRATION,
} from '../../../src/store/database/migrate.ts';
import { postgresFlavour, SQLITE_FLAVOUR } from '../../../src/store/database/sql-flavour.ts';
import { SqliteConnection } from '../../../src/store/database/sqlite-connection.ts';
import { sqliteDialect } from '../../../src/store/database/sqlite-driver.ts';
import { databaseKind } from '../../support/databases.ts';
import { newFolder } from '../../support/server.ts';

const BEFORE = '0011-limits-in-batches';

test('PostgreSQL: an upgrade that meets a deadlock or a long transaction is tried again', async () => {
  const postgres = await databaseKind('PostgreSQL');
  const database = openDatabase(await postgres.newEmptyUrl());
  try {
    const { kysely: db } = database;
    const provider = { getMigrations: async () => migrationsFor(postgresFlavour(ledgerFunctions)) };
    const { error } = await new Migrator({ db: db as never, provider }).migrateTo(BEFORE);
    assert.equal(error, undefined);

    let done: string[] | undefined;
    const upgraded = { names: Promise.resolve<string[]>([]) };
    await db.transaction().execute(async (other) => {
      // It waits for as long as the upgrade takes to give way, which depends on the machine.
      await sql`SET LOCAL lock_timeout = 0`.execute(other);
      await sql`LOCK TABLE messages IN ROW EXCLUSIVE MODE`.execute(other);
      upgraded.names = database.migrate(ledgerFunctions).then((names) => (done = names));
      // It waits for this transaction, which now waits for it.
      await waitUntilLocked(db);
      await sql`LOCK TABLE accounts, conversations IN ROW EXCLUSIVE MODE`.execute(other);
      // Longer than it waits at once.
      await sleep(700);
      assert.equal(done, undefined);
    });
    assert.equal((await upgraded.names).at(-1), NEWEST_MIGRATION);
  } finally {
    await database.close();
    await postgres.stop();
  }
});

test('SQLite: an upgrade waits for another one, however long that takes', async () => {
  const path = join(newFolder(), 'chit.sqlite');
  const other = new SqliteConnection(path);
  const sqlite = new SqliteConnection(path, { busyForMs: 20 });
  const db = new Kysely<never>({ dialect: sqliteDialect(sqlite) });
  try {
    sqlite.db.exec('PRAGMA foreign_keys = OFF');
    other.db.exec('BEGIN IMMEDIATE');
    const upgraded = migrateToLatest(db, SQLITE_FLAVOUR);
    await sleep(100);
    other.db.exec('COMMIT');
    assert.equal((await upgraded).at(-1), NEWEST_MIGRATION);
  } finally {
    await db.destroy();
    sqlite.close();
    other.close();
  }
});

/** Waits until somebody waits for a table. */
async function waitUntilLocked(db: ReturnType<typeof openDatabase>['kysely']): Promise<void> {
  for (;;) {
    const { rows } = await sql`SELECT 1 FROM pg_locks WHERE NOT granted AND database = (
      SELECT oid FROM pg_database WHERE datname = current_database())`.execute(db);
    if (rows.length > 0) return;
    await sleep(5);
  }
}
