/** Taking a SQLite database away from everybody else, to replace it. */
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { LastTransfer } from '../../core/backups.ts';
import { isDamage } from '../database/damage.ts';
import { isBusy } from '../database/sqlite-connection.ts';
import { bytesOf } from '../database/sqlite-file.ts';

/** For a server that is just closing. */
const TIMEOUT_MS = 500;

/** A database that nobody else can open until it is closed. */
export interface SoleDatabase {
  /** undefined if it is damaged, so that nothing in it can be read. */
  readonly content: SoleContent | undefined;
  /** Moves all that is in the write-ahead log into the file, as closing does, and stays alone. */
  removeLog(): void;
  close(): void;
}

export interface SoleContent {
  readonly transfers: number;
  readonly lastTransferAt: string | undefined;
  /** When the last lease of a server ends or ended, in milliseconds since 1970 UTC. */
  readonly leaseUntilMs: number;
  /** Whether it contains a transfer. */
  has(transfer: LastTransfer): boolean;
}

/**
 * Opens a database with the lock that keeps everybody else out
 * (https://sqlite.org/pragma.html#pragma_locking_mode): with a write-ahead log each open connection
 * has a lock that this one does not go with.
 * @returns undefined if somebody else has it open
 */
export function openAlone(path: string): SoleDatabase | undefined {
  const db = new DatabaseSync(path, { timeout: TIMEOUT_MS });
  const close = () => {
    if (db.isOpen) db.close();
  };
  const removeLog = () => removeLogOf(db, path);
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
    return { content: contentOf(db), removeLog, close };
  } catch (error) {
    if (isDamage(error)) return { content: undefined, removeLog, close };
    close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

function removeLogOf(db: DatabaseSync, path: string): void {
  try {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // Where the file cannot be written, the log stays beside it.
    return;
  }
  const log = `${path}-wal`;
  if (bytesOf(log) === 0) rmSync(log, { force: true });
}

function contentOf(db: DatabaseSync): SoleContent | undefined {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE name = 'transfers'").all();
  if (tables.length === 0) return undefined;
  const one = (sql: string, ...parameters: string[]) =>
    Object.values(db.prepare(sql).get(...parameters) ?? {})[0] as number | null;
  const lastMs = one('SELECT max(created_at) FROM transfers');
  return {
    transfers: one('SELECT count(*) FROM transfers') ?? 0,
    lastTransferAt: lastMs === null ? undefined : new Date(lastMs).toISOString(),
    leaseUntilMs: one('SELECT max(expires_at) FROM leases') ?? 0,
    has: ({ id }) => one('SELECT count(*) FROM transfers WHERE id = ?', id) === 1,
  };
}
