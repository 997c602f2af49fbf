/** The only file that knows which database is behind the store. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, PostgresDialect, type RawBuilder, sql } from 'kysely';
import type { Pool } from 'pg';
import { type Matching, postgresMatching, sqliteMatching } from './matching.ts';
import { migrateToLatest } from './migrate.ts';
import {
  type DatabaseLimits,
  DEFAULT_LIMITS,
  dropRefusedParameters,
  openLongPool,
  openPool,
} from './postgres-pool.ts';
import type { Database } from './schema.ts';
import { type LedgerFunctions, postgresFlavour, SQLITE_FLAVOUR } from './sql-flavour.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import { sqliteDialect } from './sqlite-driver.ts';

/**
 * What a ledger engine is built on: the connection or the pool that Kysely uses too. `long` is the
 * pool for batches that take long.
 */
export type LedgerBase =
  | { readonly sqlite: SqliteConnection; readonly postgres?: never }
  | { readonly postgres: Pool; readonly long: Pool; readonly sqlite?: never };

export interface OpenDatabase {
  readonly kysely: Kysely<Database>;
  /** The same database for work that takes long: beside requests, and without their limits. */
  readonly forLongWork: Kysely<Database>;
  readonly base: LedgerBase;
  /** The database's own time, in milliseconds since 1970 UTC: one clock for all servers on it. */
  readonly clockMs: RawBuilder<number>;
  /** Case-insensitive text search. */
  readonly matching: Matching;
  /**
   * Brings the schema up to date; returns the names of the migrations carried out.
   * @param ledgerFunctions the SQL that the ledger's engine needs inside PostgreSQL
   * @throws NewerDatabase if a newer program has already migrated it further
   */
  migrate(ledgerFunctions: LedgerFunctions): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * Opens the database of a `CHIT_DATABASE_URL`.
 * @param url `sqlite:PATH` (file and folder are created if need be) or `postgres://…`
 * @param limits for PostgreSQL
 */
export function openDatabase(url: string, limits: DatabaseLimits = DEFAULT_LIMITS): OpenDatabase {
  return isPostgres(url) ? openPostgres(url, limits) : openSqlite(sqlitePath(url));
}

function openSqlite(path: string): OpenDatabase {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const sqlite = new SqliteConnection(path);
  const kysely = new Kysely<Database>({ dialect: sqliteDialect(sqlite) });
  return {
    kysely,
    forLongWork: kysely,
    base: { sqlite },
    clockMs: sql<number>`CAST(unixepoch('subsec') * 1000 AS integer)`,
    matching: sqliteMatching,
    migrate: () => migrateToLatest(kysely as never, SQLITE_FLAVOUR),
    close: async () => {
      await kysely.destroy();
      sqlite.close();
    },
  };
}

function openPostgres(url: string, limits: DatabaseLimits): OpenDatabase {
  const postgres = openPool(url, limits);
  const long = openLongPool(url);
  const kysely = new Kysely<Database>({ dialect: new PostgresDialect({ pool: postgres }) });
  const forLongWork = new Kysely<Database>({ dialect: new PostgresDialect({ pool: long }) });
  return {
    kysely,
    forLongWork,
    base: { postgres, long },
    clockMs: sql<number>`CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)`,
    matching: postgresMatching,
    migrate: async (functions) => {
      await dropRefusedParameters([long, postgres]);
      return migrateToLatest(forLongWork as never, postgresFlavour(functions));
    },
    close: async () => {
      await kysely.destroy();
      await forLongWork.destroy();
      // Kysely ends only what it has used.
      for (const pool of [postgres, long]) if (!pool.ending) await pool.end();
    },
  };
}

function isPostgres(url: string): boolean {
  return /^postgres(ql)?:/.test(url);
}

/** The path in a `sqlite:` URL; both `sqlite:PATH` and `sqlite://PATH` are understood. */
function sqlitePath(url: string): string {
  return url.replace(/^sqlite:(\/\/)?/, '');
}
