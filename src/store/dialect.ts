/** The one place that knows which database is behind the store. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely } from 'kysely';
import { migrateToLatest } from './migrate.ts';
import type { Database } from './schema.ts';
import { SQLITE_FLAVOUR } from './sql-flavour.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import { sqliteDialect } from './sqlite-driver.ts';

export interface OpenDatabase {
  readonly kysely: Kysely<Database>;
  /** The connection that the ledger's engine shares with Kysely. */
  readonly sqlite: SqliteConnection;
  /** Brings the schema up to date; returns the names of the migrations carried out. */
  migrate(): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * Opens the database of a `CHIT_DATABASE_URL`; creates the file and its folder if need be.
 * @param url `sqlite:PATH`
 */
export function openDatabase(url: string): OpenDatabase {
  const path = sqlitePath(url);
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const sqlite = new SqliteConnection(path);
  const kysely = new Kysely<Database>({ dialect: sqliteDialect(sqlite) });
  return {
    kysely,
    sqlite,
    migrate: () => migrateToLatest(kysely as never, SQLITE_FLAVOUR),
    close: async () => {
      await kysely.destroy();
      sqlite.close();
    },
  };
}

/** The path in a `sqlite:` URL; both `sqlite:PATH` and `sqlite://PATH` are understood. */
export function sqlitePath(url: string): string {
  return url.replace(/^sqlite:(\/\/)?/, '');
}
