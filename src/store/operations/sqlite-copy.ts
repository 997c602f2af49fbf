/** Copies of a SQLite database: made while others write to it, and opened to be checked. */
import { backup, DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { Kysely } from 'kysely';
import type { DatabaseFacts } from '../../core/backups.ts';
import { LedgerVerifier } from '../credits/ledger-verifier.ts';
import { integrityFaults } from '../database/dialect.ts';
import type { Database } from '../database/schema.ts';
import { SqliteConnection } from '../database/sqlite-connection.ts';
import { sqliteDialect } from '../database/sqlite-driver.ts';
import { bytesOf, openInPlace } from '../database/sqlite-file.ts';
import { readFacts } from './database-facts.ts';

/** Pages that are copied before progress is told: 8 MB. */
const PAGES_AT_ONCE = 2_000;
/** Twice what SQLite lets the log grow to before it copies it into the file by itself. */
const LONG_LOG_BYTES = 8 * 1024 * 1024;

/**
 * Copies a database with SQLite's own backup (https://sqlite.org/backup.html). A transaction that
 * reads is open meanwhile, so the copy is what was committed when it began, and what others commit
 * neither gets into it nor makes it start again. In WAL mode nobody waits for it.
 * @param target a file that does not exist
 * @returns what the copy contains
 */
export async function copySqlite(
  source: string,
  target: string,
  onProgress: (done: number, total: number) => void,
): Promise<DatabaseFacts> {
  return readingSqlite(source, async ({ kysely, connection }) => {
    connection.run('BEGIN', []);
    try {
      const facts = await readFacts(kysely);
      await backup(connection.db, target, {
        rate: PAGES_AT_ONCE,
        progress: ({ totalPages, remainingPages }) =>
          onProgress(totalPages - remainingPages, totalPages),
      });
      return facts;
    } finally {
      endReading(source, () => {
        if (connection.db.isTransaction) connection.run('COMMIT', []);
      });
    }
  });
}

/**
 * While somebody reads, the log grows, and whoever commits next afterwards would copy all of it
 * into the file: a server would answer nobody meanwhile. So it is copied here, at once.
 */
function endReading(source: string, end: () => void): void {
  if (bytesOf(`${source}-wal`) < LONG_LOG_BYTES) {
    end();
    return;
  }
  const file = pathToFileURL(source);
  file.searchParams.set('mode', 'rw');
  let writer: DatabaseSync | undefined;
  try {
    writer = new DatabaseSync(file, { timeout: 0 });
    const checkpoint = writer.prepare('PRAGMA wal_checkpoint(PASSIVE)');
    end();
    checkpoint.get();
  } catch {
    // Whoever commits next does it.
    end();
  } finally {
    writer?.close();
  }
}

/** A SQLite database that nothing can be changed in. */
export interface ReadOnlySqlite {
  readonly kysely: Kysely<Database>;
  readonly connection: SqliteConnection;
  readonly ledgerVerifier: LedgerVerifier;
  /** SQLite's own check of the file. */
  storageFaults(limit: number): Promise<string[]>;
}

/** Opens a database only for reading, and closes it after the work. */
export async function readingSqlite<T>(
  path: string,
  work: (database: ReadOnlySqlite) => Promise<T>,
): Promise<T> {
  const connection = openInPlace(path, () => new SqliteConnection(path, { readOnly: true }));
  const kysely = new Kysely<Database>({ dialect: sqliteDialect(connection) });
  const storageFaults = (limit: number) =>
    connection.exclusively(() => integrityFaults(connection, limit));
  const ledgerVerifier = new LedgerVerifier(kysely, storageFaults);
  try {
    return await work({ kysely, connection, ledgerVerifier, storageFaults });
  } finally {
    await kysely.destroy();
    connection.close();
  }
}

/** How many bytes a database takes, with what is in its log only; 0 if there is none. */
export function sqliteBytes(path: string): number {
  return bytesOf(path) + bytesOf(`${path}-wal`);
}
