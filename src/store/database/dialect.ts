/** The only file that knows which database is behind the store. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, PostgresDialect, type RawBuilder, sql } from 'kysely';
import type { Pool } from 'pg';
import { type Matching, postgresMatching, sqliteMatching } from './matching.ts';
import { migrateToLatest } from './migrate.ts';
import { openPool } from './postgres-pool.ts';
import { postgresReads, READ_LIMIT_MS, type Reads, sqliteReads } from './reads.ts';
import type { Database } from './schema.ts';
import { type LedgerFunctions, postgresFlavour, SQLITE_FLAVOUR } from './sql-flavour.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import { sqliteDialect } from './sqlite-driver.ts';

/** What a ledger engine is built on: the connection or the pool that Kysely uses too. */
export type LedgerBase =
  | { readonly sqlite: SqliteConnection; readonly postgres?: never }
  | { readonly postgres: Pool; readonly sqlite?: never };

export interface OpenDatabase {
  readonly kysely: Kysely<Database>;
  /** For queries that can take long. */
  readonly reads: Reads;
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
 * @param readLimitMs how long a query on `reads` may take
 */
export function openDatabase(url: string, readLimitMs = READ_LIMIT_MS): OpenDatabase {
  return isPostgres(url)
    ? openPostgres(url, readLimitMs)
    : openSqlite(sqlitePath(url), readLimitMs);
}

function openSqlite(path: string, readLimitMs: number): OpenDatabase {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const sqlite = new SqliteConnection(path);
  const kysely = new Kysely<Database>({ dialect: sqliteDialect(sqlite) });
  const reads = path === ':memory:' ? onlyConnection(kysely) : sqliteReads(path, readLimitMs);
  return {
    kysely,
    reads,
    base: { sqlite },
    clockMs: sql<number>`CAST(unixepoch('subsec') * 1000 AS integer)`,
    matching: sqliteMatching,
    migrate: () => migrateToLatest(kysely as never, SQLITE_FLAVOUR),
    close: async () => {
      await reads.close();
      await kysely.destroy();
      sqlite.close();
    },
  };
}

/** A database in memory belongs to one connection, so its reads cannot be apart. */
function onlyConnection(kysely: Kysely<Database>): Reads {
  return { kysely, atOnce: 1, close: async () => undefined };
}

function openPostgres(url: string, readLimitMs: number): OpenDatabase {
  const postgres = openPool(url);
  const kysely = new Kysely<Database>({ dialect: new PostgresDialect({ pool: postgres }) });
  const reads = postgresReads(postgres, readLimitMs);
  return {
    kysely,
    reads,
    base: { postgres },
    clockMs: sql<number>`CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)`,
    matching: postgresMatching,
    migrate: (functions) => migrateToLatest(kysely as never, postgresFlavour(functions)),
    close: async () => {
      await reads.close();
      await kysely.destroy();
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
