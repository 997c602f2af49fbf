/** Both databases, for suites that hold on either. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { LedgerEngine } from '../../src/ledger/engine.ts';
import { PostgresLedgerEngine } from '../../src/ledger/postgres-engine.ts';
import { SqliteLedgerEngine } from '../../src/ledger/sqlite-engine.ts';
import { type OpenDatabase, openDatabase } from '../../src/store/dialect.ts';
import { startPostgres } from './postgres.ts';
import { newFolder } from './server.ts';

export const DATABASES = ['SQLite', 'PostgreSQL'] as const;
export type DatabaseName = (typeof DATABASES)[number];

/** Fresh databases of one kind, one after the other or several at a time. */
export interface DatabaseKind {
  /** The URL of a new empty database. */
  newUrl(): Promise<string>;
  stop(): Promise<void>;
}

/** Gets ready to make databases of a kind; SQLite's are files in a folder that is removed. */
export async function databaseKind(name: DatabaseName): Promise<DatabaseKind> {
  if (name === 'PostgreSQL') {
    const postgres = await startPostgres();
    return { newUrl: () => postgres.newDatabase(), stop: () => postgres.stop() };
  }
  const folder = newFolder();
  let files = 0;
  return {
    newUrl: async () => {
      files += 1;
      return `sqlite:${join(folder, `${files}.db`)}`;
    },
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Opens a database and migrates it. */
export async function openMigrated(url: string): Promise<OpenDatabase> {
  const database = openDatabase(url);
  await database.migrate();
  return database;
}

/** The engine for a database. */
export function engineFor({ base }: OpenDatabase): LedgerEngine {
  return base.sqlite
    ? new SqliteLedgerEngine(base.sqlite)
    : new PostgresLedgerEngine(base.postgres);
}

const TABLES = [
  'journal',
  'messages',
  'holds',
  'transfers',
  'accounts',
  'idempotency_keys',
  'refresh_tokens',
  'leases',
  'users',
] as const;

/** Takes everything out of a database, past what protects the book. */
export async function emptyDatabase({ kysely, base }: OpenDatabase): Promise<void> {
  if (base.postgres) {
    await sql`ALTER TABLE transfers DISABLE TRIGGER USER`.execute(kysely);
    await sql.raw(`TRUNCATE ${TABLES.join(', ')}`).execute(kysely);
    await sql`ALTER TABLE transfers ENABLE TRIGGER USER`.execute(kysely);
    return;
  }
  base.sqlite.db.exec('PRAGMA foreign_keys = OFF; DROP TRIGGER transfers_refuse_delete');
  for (const table of TABLES) base.sqlite.db.exec(`DELETE FROM ${table}`);
  base.sqlite.db.exec(`CREATE TRIGGER transfers_refuse_delete BEFORE DELETE ON transfers
    BEGIN SELECT RAISE(ABORT, 'transfers are never changed: book another one'); END;
    PRAGMA foreign_keys = ON`);
}
