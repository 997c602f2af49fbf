import { DatabaseSync } from 'node:sqlite';
import { isBusy } from '../database/sqlite-connection.ts';

/** A lock that one process has, until it closes it or ends. */
export interface LockFile {
  close(): void;
}

/**
 * Takes a lock that ends with the process, however that ends: SQLite's on an empty database. Not
 * with `locking_mode = EXCLUSIVE`: of two processes that want it at once, each would keep a part of
 * it that the other waits for.
 * @param path of the file; created if it is missing
 * @param waitMs how long to wait for another process, synchronously; with less than a few
 *   milliseconds, of several that want it at once none may get it
 * @returns undefined if another process has it
 */
export function takeLock(path: string, waitMs: number): LockFile | undefined {
  const lock = new DatabaseSync(path, { timeout: waitMs });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}
