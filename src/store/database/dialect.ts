/** The only file that knows which database is behind the store. */
import { Kysely, PostgresDialect, type RawBuilder, sql } from 'kysely';
import type { Pool } from 'pg';
import { isDamage } from './damage.ts';
import { RemainsEraser } from './erase-remains.ts';
import { type Matching, postgresMatching, sqliteMatching } from './matching.ts';
import { migrateToLatest, upgradesFrom } from './migrate.ts';
import {
  type DatabaseLimits,
  DEFAULT_LIMITS,
  dropRefusedParameters,
  hasSessionLimits,
  openLongPool,
  openPool,
  openReadPool,
} from './postgres-pool.ts';
import { postgresReads, READ_LIMIT_MS, type Reads, sqliteReads } from './reads.ts';
import type { Database } from './schema.ts';
import {
  type LedgerFunctions,
  postgresFlavour,
  SQLITE_FLAVOUR,
  type SqlFlavour,
} from './sql-flavour.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import { sqliteDialect } from './sqlite-driver.ts';
import { type CreationRules, openInPlace, prepareFile, watchFile } from './sqlite-file.ts';

/**
 * What a ledger engine is built on: the connection or the pool that Kysely uses too. `long` is the
 * pool for batches that take long; `isLockLimited` says whether sessions of the other one have the
 * limit for locks, which is known after `migrate`.
 */
export type LedgerBase =
  | { readonly sqlite: SqliteConnection; readonly postgres?: never }
  | {
      readonly postgres: Pool;
      readonly long: Pool;
      isLockLimited(): boolean;
      readonly sqlite?: never;
    };

/** How many connections there are, and who waits for one. */
export interface ConnectionCount {
  readonly pool: 'requests' | 'long' | 'reads';
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

/** Reads all that is stored and says what is damaged, at most so many lines. */
export type StorageCheck = (limit: number) => Promise<string[]>;

export interface OpenDatabase {
  readonly kind: SqlFlavour['database'];
  readonly kysely: Kysely<Database>;
  /** The same database for work that takes long: beside requests, and without their limits. */
  readonly forLongWork: Kysely<Database>;
  /** For queries of requests that can take long. */
  readonly reads: Reads;
  readonly base: LedgerBase;
  /** The database's own time, in milliseconds since 1970 UTC: one clock for all servers on it. */
  readonly clockMs: RawBuilder<number>;
  readonly storageFaults: StorageCheck;
  /**
   * Overwrites what was deleted, so that the files no longer contain it. On PostgreSQL it does
   * nothing: only the operator can (docs/data-protection.md).
   */
  eraseRemains(): Promise<void>;
  /** Case-insensitive text search. */
  readonly matching: Matching;
  /** The connections at present, by what they are for. */
  connections(): ConnectionCount[];
  /**
   * Brings the schema up to date; returns the names of the migrations carried out.
   * @param ledgerFunctions the SQL that the ledger's engine needs inside PostgreSQL
   * @throws NewerDatabase if a newer program has already migrated it further
   */
  migrate(ledgerFunctions: LedgerFunctions): Promise<string[]>;
  /** The newest migration of a database that `migrate` would upgrade. */
  upgradesFrom(): Promise<string | undefined>;
  close(): Promise<void>;
}

/**
 * Opens the database of a `CHIT_DATABASE_URL`.
 * @param url `sqlite:PATH` (file and folder are created if need be) or `postgres://…`
 * @param options the limits are for PostgreSQL; the rules say when a file may be created;
 *   `readLimitMs`: how long a query on `reads` may take
 * @throws DatabaseMissing
 */
export function openDatabase(
  url: string,
  { limits = DEFAULT_LIMITS, readLimitMs = READ_LIMIT_MS, ...rules }: DatabaseOptions = {},
): OpenDatabase {
  return isPostgres(url)
    ? openPostgres(url, limits, readLimitMs)
    : openSqlite(sqlitePath(url), rules, readLimitMs);
}

export interface DatabaseOptions extends CreationRules {
  readonly limits?: DatabaseLimits;
  readonly readLimitMs?: number;
}

function openSqlite(path: string, rules: CreationRules, readLimitMs: number): OpenDatabase {
  const isFile = path !== ':memory:';
  const connect = () => new SqliteConnection(path);
  const sqlite = isFile ? openInPlace(path, connect, () => prepareFile(path, rules)) : connect();
  const unwatch = isFile ? watchFile(path, (gone) => sqlite.refuse(gone)) : () => undefined;
  const eraser = new RemainsEraser(sqlite, path);
  const kysely = new Kysely<Database>({ dialect: sqliteDialect(sqlite) });
  const reads = path === ':memory:' ? onlyConnection(kysely) : sqliteReads(path, readLimitMs);
  return {
    kind: 'SQLite',
    kysely,
    forLongWork: kysely,
    reads,
    base: { sqlite },
    clockMs: sql<number>`CAST(unixepoch('subsec') * 1000 AS integer)`,
    storageFaults: (limit) => sqlite.exclusively(() => integrityFaults(sqlite, limit)),
    eraseRemains: () => eraser.erase(),
    matching: sqliteMatching,
    connections: () => [{ pool: 'requests', total: 1, ...sqlite.usage }],
    migrate: () =>
      withoutForeignKeys(sqlite, () => migrateToLatest(kysely as never, SQLITE_FLAVOUR)),
    upgradesFrom: () => upgradesFrom(kysely as never),
    close: async () => {
      unwatch();
      await eraser.close();
      await reads.close();
      await kysely.destroy();
      sqlite.close();
    },
  };
}

/**
 * For migrations: a table to which others refer can only be replaced without foreign keys, and they
 * can only be switched outside of a transaction (https://sqlite.org/lang_altertable.html).
 */
async function withoutForeignKeys<T>({ db }: SqliteConnection, work: () => Promise<T>): Promise<T> {
  db.exec('PRAGMA foreign_keys = OFF');
  try {
    return await work();
  } finally {
    db.exec('PRAGMA foreign_keys = ON');
  }
}

/**
 * How much of the file is mapped into memory while all of it is read (decision 39). Only for the
 * command that verifies: where the disk cannot read a page that is mapped, the process ends by a
 * signal.
 */
const MAPPED_BYTES = 1_073_741_824;

/**
 * https://sqlite.org/pragma.html#pragma_integrity_check
 * https://sqlite.org/mmap.html
 */
export function integrityFaults(sqlite: SqliteConnection, limit: number): string[] {
  try {
    sqlite.run(`PRAGMA mmap_size = ${MAPPED_BYTES}`, []);
    const rows = asSeenNow(sqlite, () => sqlite.run(`PRAGMA integrity_check(${limit})`, []).rows);
    const lines = rows.flatMap((row) => Object.values(row).flatMap((it) => `${it}`.split('\n')));
    const faults = lines.filter((line) => line !== 'ok' && !line.startsWith('***'));
    return faults.map((fault) => `SQLite's check of the file: ${fault}.`);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return [`SQLite's check of the file: ${(error as Error).message}.`];
  }
}

/**
 * Runs a check after a search, on what the search saw. A connection remembers how the index of
 * searches is laid out, and only a search looks whether another connection has written since: a
 * check without one finds corruption where there is none (SQLite 3.53).
 */
function asSeenNow<T>(sqlite: SqliteConnection, check: () => T): T {
  sqlite.run('BEGIN', []);
  try {
    const index = sqlite.run("SELECT 1 FROM sqlite_schema WHERE name = 'search_index'", []);
    const search = "SELECT rowid FROM search_index WHERE search_index MATCH 'x' LIMIT 1";
    if (index.rows.length > 0) sqlite.run(search, []);
    return check();
  } finally {
    sqlite.run('ROLLBACK', []);
  }
}

/** A database in memory belongs to one connection, so its reads cannot be apart. */
function onlyConnection(kysely: Kysely<Database>): Reads {
  return { kysely, atOnce: 1, close: async () => undefined };
}

function openPostgres(url: string, limits: DatabaseLimits, readLimitMs: number): OpenDatabase {
  const postgres = openPool(url, limits);
  const long = openLongPool(url);
  const kysely = new Kysely<Database>({ dialect: new PostgresDialect({ pool: postgres }) });
  const forLongWork = new Kysely<Database>({ dialect: new PostgresDialect({ pool: long }) });
  const readPool = openReadPool(url, readLimitMs);
  const reads = postgresReads(readPool, readLimitMs);
  return {
    kind: 'PostgreSQL',
    kysely,
    forLongWork,
    reads,
    base: { postgres, long, isLockLimited: () => hasSessionLimits(postgres) },
    clockMs: sql<number>`CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)`,
    // PostgreSQL checks pages when it reads them (data checksums, on by default since 18).
    storageFaults: async () => [],
    eraseRemains: async () => undefined,
    matching: postgresMatching,
    connections: () => [
      countOf('requests', postgres),
      countOf('long', long),
      countOf('reads', readPool),
    ],
    migrate: async (functions) => {
      await dropRefusedParameters([long, postgres, readPool]);
      return migrateToLatest(forLongWork as never, postgresFlavour(functions));
    },
    upgradesFrom: async () => {
      await dropRefusedParameters([long, postgres, readPool]);
      return upgradesFrom(forLongWork as never);
    },
    close: async () => {
      await reads.close();
      await kysely.destroy();
      await forLongWork.destroy();
      // Kysely ends only what it has used.
      for (const pool of [postgres, long, readPool]) if (!pool.ending) await pool.end();
    },
  };
}

function countOf(pool: ConnectionCount['pool'], of: Pool): ConnectionCount {
  return { pool, total: of.totalCount, idle: of.idleCount, waiting: of.waitingCount };
}

/** Whether a `CHIT_DATABASE_URL` is that of PostgreSQL. */
export function isPostgres(url: string): boolean {
  return /^postgres(ql)?:/.test(url);
}

/** The path in a `sqlite:` URL; both `sqlite:PATH` and `sqlite://PATH` are understood. */
export function sqlitePath(url: string): string {
  return url.replace(/^sqlite:(\/\/)?/, '');
}
