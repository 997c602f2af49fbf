/** Both databases, for suites that run on each. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { sql } from 'kysely';
import type { LedgerEngine } from '../../src/ledger/engine.ts';
import { PostgresLedgerEngine } from '../../src/ledger/postgres/engine.ts';
import { ledgerFunctions } from '../../src/ledger/postgres/functions.ts';
import { SqliteLedgerEngine } from '../../src/ledger/sqlite/engine.ts';
import { type OpenDatabase, openDatabase } from '../../src/store/database/dialect.ts';
import { startPostgres } from './postgres.ts';
import { newFolder } from './server.ts';
import { sqliteCopy } from './templates.ts';

export const DATABASES = ['SQLite', 'PostgreSQL'] as const;
export type DatabaseName = (typeof DATABASES)[number];

/** Creates databases of one kind. */
export interface DatabaseKind {
  /** The URL of a new database without users, migrated if the run has a template. */
  newUrl(): Promise<string>;
  /** The URL of a new database without tables. */
  newEmptyUrl(): Promise<string>;
  stop(): Promise<void>;
}

/** Prepares to create databases of a kind; SQLite's are files in a temporary folder. */
export async function databaseKind(name: DatabaseName): Promise<DatabaseKind> {
  if (name === 'PostgreSQL') {
    const postgres = await startPostgres();
    return {
      newUrl: () => postgres.newDatabase(),
      newEmptyUrl: () => postgres.newEmptyDatabase(),
      stop: () => postgres.stop(),
    };
  }
  const folder = newFolder();
  let files = 0;
  const newPath = () => {
    files += 1;
    return join(folder, `${files}.db`);
  };
  return {
    newUrl: async () => sqliteCopy(newPath()),
    newEmptyUrl: async () => `sqlite:${newPath()}`,
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What a suite for both databases is given. */
export interface EachDatabase {
  readonly name: DatabaseName;
  /** The URL of the suite's database. */
  readonly url: string;
  /** The URL of another one. */
  newUrl(): Promise<string>;
  /** The URL of one without tables. */
  newEmptyUrl(): Promise<string>;
}

/** Declares the same suite for each kind of database. */
export function onEachDatabase(declare: (at: EachDatabase) => void): void {
  for (const name of DATABASES) {
    describe(name, () => {
      let kind: DatabaseKind;
      let url = '';
      before(async () => {
        kind = await databaseKind(name);
        url = await kind.newUrl();
      });
      after(() => kind.stop());
      declare({
        name,
        get url() {
          return url;
        },
        newUrl: () => kind.newUrl(),
        newEmptyUrl: () => kind.newEmptyUrl(),
      });
    });
  }
}

/** Opens a database and migrates it. */
export async function openMigrated(
  url: string,
  options?: Parameters<typeof openDatabase>[1],
): Promise<OpenDatabase> {
  const database = openDatabase(url, options);
  await database.migrate(ledgerFunctions);
  return database;
}

/** The engine for a database. */
export function engineFor({ base }: OpenDatabase): LedgerEngine {
  return base.sqlite
    ? new SqliteLedgerEngine(base.sqlite)
    : new PostgresLedgerEngine(base.postgres);
}

const TABLES = [
  'retention',
  'audit_log',
  'one_time_links',
  'usage_models',
  'usage_users',
  'usage_active',
  'journal',
  'idempotent_responses',
  'messages',
  'conversations',
  'holds',
  'api_keys',
  'voucher_redemptions',
  'vouchers',
  'voucher_batches',
  'group_members',
  'groups',
  'budget_counters',
  'budgets',
  'transfers',
  'accounts',
  'plans',
  'calendar_periods',
  'idempotency_keys',
  'refresh_tokens',
  'attempts',
  'username_keys',
  'allowed_users',
  'leases',
  'users',
] as const;

/** Deletes all rows of a database, bypassing what protects the ledger. */
export function emptyDatabase(database: OpenDatabase): Promise<void> {
  return tamper(database, ...TABLES.map((table) => `DELETE FROM ${table}`));
}

/** Runs statements with the database's protection off, to do what a faulty disk could. */
export async function tamper(
  { kysely, base }: OpenDatabase,
  ...statements: string[]
): Promise<void> {
  if (base.postgres) {
    // As one query, so that they all run on the connection where triggers are off.
    const all = ["SET session_replication_role = 'replica'", ...statements];
    await sql.raw([...all, 'RESET session_replication_role'].join('; ')).execute(kysely);
    return;
  }
  const { db } = base.sqlite;
  const triggers = db
    .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    .all() as { name: string; sql: string }[];
  db.exec('PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON');
  db.exec('BEGIN');
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
  for (const statement of statements) db.exec(statement);
  for (const { sql: trigger } of triggers) db.exec(trigger);
  db.exec('COMMIT; PRAGMA foreign_keys = ON; PRAGMA ignore_check_constraints = OFF');
}
