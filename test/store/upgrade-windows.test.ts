/** Counters of before migration 0011 learn when their windows end, so that none begins anew. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { ledgerFunctions } from '../../src/ledger/postgres/functions.ts';
import { openDatabase } from '../../src/store/database/dialect.ts';
import { migrationsFor } from '../../src/store/database/migrate.ts';
import { postgresFlavour, SQLITE_FLAVOUR } from '../../src/store/database/sql-flavour.ts';
import { onEachDatabase } from '../support/databases.ts';

const BEFORE = '0010-retention.since-0009';
const CALENDAR = 'month 1 UTC';

onEachDatabase((at) => {
  test('a window that is a period of a calendar knows its end after the upgrade', async () => {
    const database = openDatabase(await at.newEmptyUrl());
    try {
      const { kysely: db } = database;
      const flavour = at.name === 'SQLite' ? SQLITE_FLAVOUR : postgresFlavour(ledgerFunctions);
      const provider = { getMigrations: async () => migrationsFor(flavour) };
      // As `migrate` does it.
      if (at.name === 'SQLite') await sql`PRAGMA foreign_keys = OFF`.execute(db);
      const { error } = await new Migrator({ db: db as never, provider }).migrateTo(BEFORE);
      assert.equal(error, undefined);
      if (at.name === 'SQLite') await sql`PRAGMA foreign_keys = ON`.execute(db);
      await sql`INSERT INTO calendar_periods (calendar, starts_at, ends_at)
        VALUES (${CALENDAR}, 100, 200), (${CALENDAR}, 200, 300)`.execute(db);
      await sql`INSERT INTO budgets (id, kind, scope, credits, hours, calendar, created_at)
        VALUES ('monthly', 'own', '1', 50, NULL, ${CALENDAR}, 1),
          ('hours', 'own', '1', 50, 5, NULL, 1), ('always', 'own', '1', 50, NULL, NULL, 1)`.execute(
        db,
      );
      await sql`INSERT INTO budget_counters (budget_id, subject, spent, held, window_start)
        VALUES ('monthly', 1, 7, 3, 200), ('hours', 1, 7, 3, 200), ('always', 1, 7, 3, 0)`.execute(
        db,
      );
      await database.migrate(ledgerFunctions);
      const { rows } = await sql<{ budget_id: string; window_end: number | null; spent: number }>`
        SELECT budget_id, window_end, spent FROM budget_counters ORDER BY budget_id`.execute(db);
      assert.deepEqual(
        rows.map((row) => [row.budget_id, row.window_end, row.spent]),
        [
          ['always', null, 7],
          ['hours', null, 7],
          ['monthly', 300, 7],
        ],
      );
    } finally {
      await database.close();
    }
  });
});
