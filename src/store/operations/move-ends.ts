/** The two ends of a move: opening a database so that nobody else changes it meanwhile. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { LedgerSnapshot, LedgerVerifier } from '../credits/ledger-verifier.ts';
import { integrityFaults, isPostgres, sqlitePath } from '../database/dialect.ts';
import { hasTable, MOVE_PROGRESS, schemaAge } from '../database/migrate.ts';
import { dropRefusedParameters, openLongPool } from '../database/postgres-pool.ts';
import type { Database } from '../database/schema.ts';
import { isBusy, SqliteConnection } from '../database/sqlite-connection.ts';
import { sqliteDialect } from '../database/sqlite-driver.ts';
import { bytesOf } from '../database/sqlite-file.ts';
import { lastLeaseMs } from './database-facts.ts';
import {
  type DescribedColumn,
  type MovedDatabase,
  type MovedTable,
  MoveFailure,
  tablesFrom,
} from './moved-tables.ts';

/** A database that is read or written by a move, and what it takes to verify it. */
export interface MoveEnd extends MovedDatabase {
  readonly tables: readonly MovedTable[];
  /** For verifying its ledger. */
  readonly ledgerVerifier: Pick<LedgerVerifier, 'storageFaults' | 'atOneMoment'>;
}

export interface MoveTarget extends MoveEnd {
  /** Removes the foreign keys, so that tables can be filled in any order; returns their SQL. */
  removeForeignKeys(db: Kysely<Database>): Promise<string[]>;
  /** Puts them back. @throws MoveFailure if a row refers to nothing */
  restoreForeignKeys(db: Kysely<Database>, statements: readonly string[]): Promise<void>;
  /** Once all rows are there. */
  prepareForReading(): Promise<void>;
}

/**
 * Opens a database that is moved away. Nobody can write to it meanwhile, and it is not changed.
 * @throws MoveFailure if a server or a command uses it, or it is of another version
 */
export function withSource<T>(url: string, work: (source: MoveEnd) => Promise<T>): Promise<T> {
  return isPostgres(url) ? withPostgresSource(url, work) : withSqliteSource(url, work);
}

/**
 * Opens a database that another one is moved into, and creates its tables if it has none.
 * @param migrate brings an empty database to the newest schema
 * @throws MoveFailure if it is not a database of this version
 */
export async function withTarget<T>(
  url: string,
  migrate: (url: string) => Promise<void>,
  work: (target: MoveTarget) => Promise<T>,
): Promise<T> {
  return isPostgres(url)
    ? withPostgresTarget(url, migrate, work)
    : withSqliteTarget(url, migrate, work);
}

async function withSqliteSource<T>(url: string, work: (source: MoveEnd) => Promise<T>): Promise<T> {
  const path = sqlitePath(url);
  if (!existsSync(path)) throw new MoveFailure(`There is no database at ${resolve(path)}.`);
  return aloneWith(path, async (end) => {
    await requireNewest(end.db, 'from');
    await requireNoLease(end.db, Date.now());
    return work(end);
  });
}

async function withSqliteTarget<T>(
  url: string,
  migrate: (url: string) => Promise<void>,
  work: (target: MoveTarget) => Promise<T>,
): Promise<T> {
  const path = sqlitePath(url);
  if (bytesOf(path) === 0) await migrate(url);
  return aloneWith(path, async (end, { db }) => {
    await requireNewest(end.db, 'to');
    db.exec('PRAGMA foreign_keys = OFF');
    return work({
      ...end,
      removeForeignKeys: async () => [],
      restoreForeignKeys: async (of) => {
        const { rows } = await sql<{ table: string }>`PRAGMA foreign_key_check`.execute(of);
        if (rows.length === 0) return;
        throw new MoveFailure(`${rows.length} rows of ${rows[0]?.table} refer to no row.`);
      },
      prepareForReading: async () => undefined,
    });
  });
}

async function aloneWith<T>(
  path: string,
  work: (end: MoveEnd, connection: SqliteConnection) => Promise<T>,
): Promise<T> {
  const connection = openAlone(path);
  const db = new Kysely<Database>({ dialect: sqliteDialect(connection) });
  try {
    const storageFaults = async (limit: number) => integrityFaults(connection, limit);
    const ledgerVerifier = new LedgerVerifier(db, storageFaults);
    const { rows } = await sql<DescribedColumn>`
      SELECT t.name AS table_name, c.name, c.type, c.pk
      FROM sqlite_schema t, pragma_table_info(t.name) c
      WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite~_%' ESCAPE '~'`.execute(db);
    const tables = tablesFrom(rows);
    return await work({ kind: 'SQLite', db, tables, ledgerVerifier }, connection);
  } finally {
    await db.destroy();
    connection.close();
  }
}

function openAlone(path: string): SqliteConnection {
  try {
    return new SqliteConnection(path, { isAlone: true });
  } catch (error) {
    if (!isBusy(error)) throw error;
    throw new MoveFailure(
      `A server or a command is using ${resolve(path)}. Stop it, then move. Nothing was changed.`,
    );
  }
}

/** How long a move waits for those who write just now. */
const LOCK_WAIT = '3s';
/** https://www.postgresql.org/docs/current/errcodes-appendix.html, lock_not_available */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * All in one transaction that reads, so of one moment. Its locks let others read but not write
 * (https://www.postgresql.org/docs/current/explicit-locking.html, SHARE).
 */
async function withPostgresSource<T>(
  url: string,
  work: (source: MoveEnd) => Promise<T>,
): Promise<T> {
  return connectedTo(url, async (pool) => {
    await requireNewest(pool, 'from');
    const tables = await postgresTables(pool);
    return pool
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (transaction) => {
        await sql
          .raw(`SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0;
            SET LOCAL lock_timeout = '${LOCK_WAIT}'`)
          .execute(transaction);
        const names = sql.join(tables.map(({ name }) => sql.id(name)));
        await sql`LOCK TABLE ${names} IN SHARE MODE`.execute(transaction).catch(refuseLocked);
        const { rows } = await sql<{ now: number }>`
          SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint) AS now`.execute(
          transaction,
        );
        await requireNoLease(transaction, Number(rows[0]?.now));
        const ledgerVerifier: MoveEnd['ledgerVerifier'] = {
          storageFaults: async () => [],
          atOneMoment: (verify) => verify(new LedgerSnapshot(transaction)),
        };
        return work({ kind: 'PostgreSQL', db: transaction, tables, ledgerVerifier });
      });
  });
}

function refuseLocked(error: unknown): never {
  if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
  throw new MoveFailure(
    'A server or a command is writing to the database that is to be moved. Stop all of them, ' +
      'then move. Nothing was changed.',
  );
}

async function withPostgresTarget<T>(
  url: string,
  migrate: (url: string) => Promise<void>,
  work: (target: MoveTarget) => Promise<T>,
): Promise<T> {
  return connectedTo(url, async (db) => {
    const isOurs = await hasTable(db as never, 'PostgreSQL', 'kysely_migration');
    if (!isOurs) {
      const { rows } = await sql<{ name: string }>`SELECT relname AS name FROM pg_class
        WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
        ORDER BY relname LIMIT 1`.execute(db);
      if (rows[0]) throw notEmpty([rows[0].name]);
    }
    if (!(await hasTable(db as never, 'PostgreSQL', MOVE_PROGRESS))) await migrate(url);
    await requireNewest(db, 'to');
    const tables = await postgresTables(db);
    return work({
      kind: 'PostgreSQL',
      db,
      tables,
      ledgerVerifier: new LedgerVerifier(db, async () => []),
      removeForeignKeys,
      restoreForeignKeys: async (of, statements) => {
        // Each reads a whole table.
        await sql`SET LOCAL statement_timeout = 0`.execute(of);
        for (const statement of statements) await sql.raw(statement).execute(of);
      },
      // Without it, plans are made as for empty tables until autovacuum has been there.
      prepareForReading: async () => void (await sql`ANALYZE`.execute(db)),
    });
  });
}

async function postgresTables(db: Kysely<Database>): Promise<MovedTable[]> {
  const { rows } = await sql<DescribedColumn>`
    SELECT c.relname AS table_name, a.attname AS name,
      format_type(a.atttypid, a.atttypmod) AS type,
      coalesce(array_position(CAST(i.indkey AS smallint[]), a.attnum) + 1, 0) AS pk
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace`.execute(db);
  return tablesFrom(rows);
}

/** Without being a superuser, only so can rows be added before those that they refer to. */
async function removeForeignKeys(db: Kysely<Database>): Promise<string[]> {
  const { rows } = await sql<{ drop: string; add: string }>`
    SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', r.relname, c.conname) AS drop,
      format('ALTER TABLE %I ADD CONSTRAINT %I %s', r.relname, c.conname,
        pg_get_constraintdef(c.oid)) AS add
    FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
    WHERE c.contype = 'f' AND r.relnamespace = current_schema()::regnamespace
    ORDER BY r.relname, c.conname`.execute(db);
  for (const { drop } of rows) await sql.raw(drop).execute(db);
  return rows.map(({ add }) => add);
}

async function connectedTo<T>(url: string, work: (db: Kysely<Database>) => Promise<T>): Promise<T> {
  const pool = openLongPool(url);
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  try {
    await dropRefusedParameters([pool]);
    return await work(db);
  } finally {
    await db.destroy();
    if (!pool.ending) await pool.end();
  }
}

async function requireNewest(db: Kysely<Database>, end: 'from' | 'to'): Promise<void> {
  const age = await schemaAge(db as never);
  if (age === 'newest') return;
  const which = `The database to move ${end}`;
  const reasons = {
    none: 'is not one of Chit.',
    older: 'is of an earlier version. Upgrade it first: `chit migrate`, which makes a backup.',
    newer: 'is of a newer version of Chit. Move it with that version.',
  };
  throw new MoveFailure(`${which} ${reasons[age]} Nothing was changed.`);
}

/** A server on another machine has no lock that is seen here, nor one that just does nothing. */
async function requireNoLease(db: Kysely<Database>, nowMs: number): Promise<void> {
  const untilMs = await lastLeaseMs(db);
  if (untilMs === undefined || untilMs <= nowMs) return;
  throw new MoveFailure(
    'A server uses the database that is to be moved, or was killed a moment ago: its lease lasts ' +
      `for another ${Math.ceil((untilMs - nowMs) / 1000)} seconds. Stop it, or wait until then. ` +
      'Nothing was changed.',
  );
}

/** @param tables with rows */
export function notEmpty(tables: readonly string[]): MoveFailure {
  return new MoveFailure(
    `The database to move to is not empty: there is something in ${tables.join(', ')}. Create an ` +
      'empty one and move to that. Nothing was changed.',
  );
}
