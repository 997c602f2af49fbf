/** The file of a SQLite database: whether it is there, whether it stays there, and its mode. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Only the owner of the process may read what users have written. */
const FILE_MODE = 0o600;
/** What versions before 0.3.0 created files with, under the usual umask. */
const FORMER_MODE = 0o644;
const FOLDER_MODE = 0o700;
const CHECK_EVERY_MS = 1_000;
/** SQLite gives its other files the mode of the database when it creates them. */
const SUFFIXES = ['', '-wal', '-shm'];

/** There is no database, and none may be created; the message says what to do. */
export class DatabaseMissing extends Error {}

/** The file was deleted, moved or replaced while it was open: what is written would be lost. */
export class DatabaseFileGone extends Error {
  constructor(path: string) {
    super(
      `The database file ${path} was deleted, moved or replaced while the server was running. ` +
        'Nothing is written until it is back. Put it back, or stop the server, restore the file ' +
        'and start the server again.',
    );
  }
}

/** When a database may be created. */
export interface CreationRules {
  readonly mayCreate?: boolean;
  /** A file that a new installation does not have: with it, the database must exist too. */
  readonly proofOfUse?: string;
}

/**
 * Prepares to open a file; creates it and its folder if it is missing and may be created.
 * @throws DatabaseMissing if it may not be created
 * @throws an error of the system if it cannot be created
 */
export function prepareFile(path: string, { mayCreate = true, proofOfUse }: CreationRules): void {
  // In this order: of several processes that start at once the first creates the database, then
  // the proof.
  const leftOver = [proofOfUse, `${path}-wal`].find((it) => it !== undefined && existsSync(it));
  if (bytesOf(path) > 0) {
    makePrivate(path);
    return;
  }
  const place = resolve(path);
  if (leftOver !== undefined) {
    throw new DatabaseMissing(
      `There is no database at ${place}, or it is empty, but there was one: ` +
        `${resolve(leftOver)} is still there. Nothing was created. Restore the database, or set ` +
        'CHIT_DATABASE_URL to where it is now. To begin again without users and balances, ' +
        `delete ${resolve(leftOver)}.`,
    );
  }
  if (!mayCreate) {
    throw new DatabaseMissing(
      `There is no database at ${place}, and this command does not create one. Run it in the ` +
        'folder of your installation, or set CHIT_DATABASE_URL. `chit serve` and `chit migrate` ' +
        'create a new database.',
    );
  }
  makeFolder(dirname(path));
  closeSync(openSync(path, 'a', FILE_MODE));
}

/** Creates a folder. On a read-only disk, `recursive` would say that there is no such folder. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (!existsSync(dirname(folder))) makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: FOLDER_MODE });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Mends the mode that earlier versions left; a mode that somebody chose stays. */
function makePrivate(path: string): void {
  for (const file of SUFFIXES.map((suffix) => path + suffix)) {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & 0o777) !== FORMER_MODE) continue;
    try {
      chmodSync(file, FILE_MODE);
    } catch {
      // The file of another user, or a file system without modes: it works all the same.
    }
  }
}

/**
 * Opens a file. If another one took its place while that waited for a lock, as `chit restore` does,
 * what was opened is the one that was moved away, and the other is opened.
 * @param open returns once it has a lock, with which nobody replaces the file
 * @param prepare is called before, each time
 */
export function openInPlace<T extends { close(): void }>(
  path: string,
  open: () => T,
  prepare: () => void = () => undefined,
): T {
  for (;;) {
    prepare();
    const before = identityOf(path);
    const opened = open();
    if (identityOf(path) === before) return opened;
    opened.close();
  }
}

/** The size of a file; 0 if there is none, also if it has just been removed. */
export function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** What tells a file from another one at its path; undefined if there is none. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}

/**
 * Checks every second whether the open file is still the one at its path.
 * @param onChange receives an error once it is not, and undefined once it is again
 * @returns ends the watch
 */
export function watchFile(
  path: string,
  onChange: (gone: DatabaseFileGone | undefined) => void,
): () => void {
  const opened = statSync(path, { bigint: true });
  let isThere = true;
  const check = async () => {
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    const isSame = found?.ino === opened.ino && found.dev === opened.dev;
    if (isSame !== isThere) onChange(isSame ? undefined : new DatabaseFileGone(resolve(path)));
    isThere = isSame;
  };
  const timer = setInterval(check, CHECK_EVERY_MS).unref();
  return () => clearInterval(timer);
}
