import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import {
  BackupInvalid,
  type BackupManifest,
  type DatabaseFacts,
  DEPLOYMENT_COPY,
  KEY_COPY,
  POSTGRES_DUMP,
  SQLITE_COPY,
} from '../../core/backups.ts';
import { isPostgres, sqlitePath } from '../../store/database/dialect.ts';
import { isKnownMigration } from '../../store/database/migrate.ts';
import { readManifest, unpackArchive } from '../../store/operations/backup-archive.ts';
import { type LockFile, takeLock } from '../../store/operations/lock-file.ts';
import {
  factsOfPostgres,
  isEmptyPostgres,
  restorePostgres,
} from '../../store/operations/postgres-copy.ts';
import type { Environment } from '../../store/operations/postgres-tools.ts';
import {
  decideRestore,
  finishRestore,
  isRestoreDecided,
  type OnStep,
  type RestorePlan,
  sqliteFiles,
  syncFolder,
} from '../../store/operations/restore-files.ts';
import {
  openAlone,
  type SoleContent,
  type SoleDatabase,
} from '../../store/operations/sqlite-in-use.ts';
import { checkSqliteCopy } from './make-backup.ts';

/** Where a backup is restored to. */
export interface RestoreTarget {
  readonly databaseUrl: string;
  readonly dataFolder: string;
  /** The key, if it is a setting; then no file of it is restored. */
  readonly secretKeySetting: string | undefined;
  /** Where `chit.json` belongs. */
  readonly deploymentFile: string;
  /** For the programs of PostgreSQL. */
  readonly environment: Environment;
}

export interface RestoreOptions {
  /** Only checks the backup and says what would be lost. */
  readonly isDryRun?: boolean;
  /** Restores also what was found to have faults. */
  readonly isForced?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
  /** For tests: called before each step that changes something. */
  readonly onStep?: OnStep;
}

export interface RestoreReport {
  readonly manifest: BackupManifest;
  /** What the database that was there has beyond the backup. */
  readonly lost: Loss;
  /** The folder in which what was there is kept; undefined if there was nothing. */
  readonly aside: string | undefined;
  readonly key: 'restored' | 'same' | 'kept' | 'setting_same' | 'setting_differs' | 'none';
  readonly deployment: 'restored' | 'same' | 'kept' | 'none';
}

export type Loss =
  | { readonly kind: 'nothing_there' }
  | { readonly kind: 'unreadable' }
  /** The database that was there is not the one that was backed up, or is older than the backup. */
  | { readonly kind: 'other'; readonly transfers: number; readonly until: string | undefined }
  | { readonly kind: 'transfers'; readonly transfers: number; readonly until: string | undefined };

/** Nothing was restored or changed; the message says why and what to do. */
export class RestoreFailure extends Error {}

const STAGED = '.restore-';
/** In that folder, of the process that restores. */
const STAGED_LOCK = '.lock';
const STAGED_LOCK_WAIT_MS = 50;
const FOLDER_MODE = 0o700;

/**
 * Restores a backup: checks it, then puts it in the place of what is there, which is kept aside. A
 * crash at any moment leaves the old data or the new.
 * @throws RestoreFailure
 */
export async function restoreBackup(
  file: string,
  target: RestoreTarget,
  options: RestoreOptions = {},
): Promise<RestoreReport> {
  const { dataFolder } = target;
  try {
    const manifest = await readManifest(file);
    requireFitting(manifest, target, options);
    mkdirSync(dataFolder, { recursive: true, mode: FOLDER_MODE });
    finishRestore(dataFolder);
    return await (isPostgres(target.databaseUrl)
      ? restoreToPostgres(file, target, options)
      : restoreToSqlite(file, target, options));
  } catch (error) {
    if (error instanceof RestoreFailure) throw error;
    const { message } = error as Error;
    const said = error instanceof BackupInvalid ? message : `It cannot be restored: ${message}`;
    throw new RestoreFailure(`${file}: ${said} Nothing was changed.`, { cause: error });
  }
}

function requireFitting(
  { database, facts, program, check }: BackupManifest,
  { databaseUrl }: RestoreTarget,
  { isForced = false }: RestoreOptions,
): void {
  const wanted = isPostgres(databaseUrl) ? 'postgres' : 'sqlite';
  if (database !== wanted) {
    const names = { sqlite: 'SQLite', postgres: 'PostgreSQL' };
    throw new RestoreFailure(
      `This is a backup of ${names[database]}, but CHIT_DATABASE_URL is that of ` +
        `${names[wanted]}. Set it to a database of the same kind.`,
    );
  }
  if (facts.migration !== undefined && !isKnownMigration(facts.migration)) {
    throw new RestoreFailure(
      `A newer version of Chit made this backup (${program}, migration ${facts.migration}). ` +
        'Restore it with that version or a newer one.',
    );
  }
  if (check.faults.length > 0 && !isForced) throw withFaults(check.faults);
}

function withFaults(faults: readonly string[]): RestoreFailure {
  return new RestoreFailure(
    `This backup has faults:\n${faults.join('\n')}\n` +
      'Restore an older one, or this one all the same with --force. Nothing was changed.',
  );
}

async function restoreToSqlite(
  file: string,
  target: RestoreTarget,
  options: RestoreOptions,
): Promise<RestoreReport> {
  const path = sqlitePath(target.databaseUrl);
  const there = existsSync(path) ? openAlone(path) : NOTHING_THERE;
  if (!there) {
    throw new RestoreFailure(
      `A server or a command is using ${resolve(path)}. Stop it, then restore. Nothing was ` +
        'changed.',
    );
  }
  try {
    requireNoLease(there);
    const staged = stage(target);
    try {
      const manifest = await unpackArchive(file, join(target.dataFolder, staged.name));
      await checkStaged(join(target.dataFolder, staged.name, SQLITE_COPY), manifest, options);
      const lost = lossOf(there, manifest.facts);
      if (there === NOTHING_THERE) requireNothing(path);
      if (!options.isDryRun) there.removeLog();
      const { plan, report: moved } = planOf(file, staged.name, target, sqliteFiles(path));
      const report: RestoreReport = { manifest, lost, ...moved };
      if (options.isDryRun) return report;
      decideRestore(target.dataFolder, plan, options.onStep);
      finishRestore(target.dataFolder, options.onStep);
      return report;
    } finally {
      staged.discard();
    }
  } finally {
    // Not before the files are in their places: who waits for the lock finds them there.
    there.close();
  }
}

const NOTHING_THERE = {
  content: undefined,
  isMissing: true,
  removeLog: () => undefined,
  close: () => undefined,
};

/** Whoever was started meanwhile has no lock that keeps this from replacing what it created. */
function requireNothing(path: string): void {
  if (!existsSync(path)) return;
  throw new RestoreFailure(
    `A server or a command has just created a database at ${resolve(path)}. Stop it, then ` +
      'restore. Nothing was changed.',
  );
}

type There = SoleDatabase & { readonly isMissing?: boolean };

/** A server on another machine that shares the folder has no lock that is seen here. */
function requireNoLease({ content }: There): void {
  const remainingMs = (content?.leaseUntilMs ?? 0) - Date.now();
  if (remainingMs <= 0) return;
  throw new RestoreFailure(
    'A server uses this database, or was killed a moment ago: its lease lasts for another ' +
      `${Math.ceil(remainingMs / 1000)} seconds. Stop it, or wait until then. Nothing was changed.`,
  );
}

async function checkStaged(
  path: string,
  { facts }: BackupManifest,
  { isForced = false, onProgress }: RestoreOptions,
): Promise<void> {
  const { faults } = await checkSqliteCopy(path, facts, onProgress);
  for (const suffix of ['-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  if (faults.length > 0 && !isForced) throw withFaults(faults);
}

function lossOf({ content, isMissing = false }: There, facts: DatabaseFacts): Loss {
  if (isMissing) return { kind: 'nothing_there' };
  if (!content) return { kind: 'unreadable' };
  return lossBetween(content, facts);
}

function lossBetween(content: SoleContent, { lastTransfer, transfers }: DatabaseFacts): Loss {
  const until = content.lastTransferAt;
  const isContinuation = !lastTransfer || content.has(lastTransfer);
  if (!isContinuation || content.transfers < transfers) {
    return { kind: 'other', transfers: content.transfers, until };
  }
  return { kind: 'transfers', transfers: content.transfers - transfers, until };
}

/** The folder for the new files. */
interface Staged {
  readonly name: string;
  /** Removes it, unless the restore is decided: then it is needed. */
  discard(): void;
}

/**
 * Creates the folder for the new files, and removes those of restores that were broken off.
 * @throws RestoreFailure if one is not broken off, but under way
 */
function stage({ dataFolder }: RestoreTarget): Staged {
  for (const name of readdirSync(dataFolder).filter((it) => it.startsWith(STAGED))) {
    takeStaged(dataFolder, name).close();
    rmSync(join(dataFolder, name), { recursive: true, force: true });
  }
  const name = `${STAGED}${randomBytes(6).toString('hex')}`;
  mkdirSync(join(dataFolder, name), { mode: FOLDER_MODE });
  const lock = takeStaged(dataFolder, name);
  const discard = () => {
    if (!isRestoreDecided(dataFolder)) {
      rmSync(join(dataFolder, name), { recursive: true, force: true });
    }
    lock.close();
  };
  return { name, discard };
}

function takeStaged(dataFolder: string, staged: string): LockFile {
  const lock = takeLock(join(dataFolder, staged, STAGED_LOCK), STAGED_LOCK_WAIT_MS);
  if (lock) return lock;
  throw new RestoreFailure(
    `Another restore is under way in ${resolve(dataFolder)}. Wait until it is done. Nothing was ` +
      'changed.',
  );
}

/** What is moved, and what becomes of the key and of `chit.json`. */
function planOf(
  file: string,
  staged: string,
  target: RestoreTarget,
  databaseFiles: readonly string[],
): { plan: RestorePlan; report: Omit<RestoreReport, 'manifest' | 'lost'> } {
  const from = (name: string) => textAt(join(target.dataFolder, staged, name));
  const key = fateOfKey(from(KEY_COPY)?.trim(), target);
  const deployment = fateOf(from(DEPLOYMENT_COPY), textAt(target.deploymentFile));
  const hasKeyFile = existsSync(join(target.dataFolder, KEY_COPY));
  const old = [...databaseFiles, ...(key === 'restored' && hasKeyFile ? [KEY_COPY] : [])];
  const restoredAt = new Date().toISOString();
  const aside = `before-restore-${restoredAt.slice(0, 19).replace('T', '-').replaceAll(':', '')}`;
  const plan: RestorePlan = {
    backup: basename(file),
    restoredAt,
    staged,
    aside,
    old,
    fresh: [
      ...(isPostgres(target.databaseUrl) ? [] : [SQLITE_COPY]),
      ...(key === 'restored' ? [KEY_COPY] : []),
    ],
    // The database is called what the setting says.
    names: { [SQLITE_COPY]: basename(sqlitePath(target.databaseUrl)) },
    deployment:
      deployment === 'restored' ? { from: DEPLOYMENT_COPY, to: target.deploymentFile } : undefined,
  };
  const kept = old.length > 0 ? join(target.dataFolder, aside) : undefined;
  return { plan, report: { aside: kept, key, deployment } };
}

function fateOfKey(
  backedUp: string | undefined,
  { secretKeySetting, dataFolder }: RestoreTarget,
): RestoreReport['key'] {
  if (backedUp === undefined) return 'none';
  if (secretKeySetting !== undefined) {
    return secretKeySetting === backedUp ? 'setting_same' : 'setting_differs';
  }
  return textAt(join(dataFolder, KEY_COPY))?.trim() === backedUp ? 'same' : 'restored';
}

/** What somebody has written since is not replaced. */
function fateOf(
  backedUp: string | undefined,
  present: string | undefined,
): RestoreReport['deployment'] {
  if (backedUp === undefined) return 'none';
  if (present === undefined) return 'restored';
  return present === backedUp ? 'same' : 'kept';
}

function textAt(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** Into an empty database, in one transaction; then the key, if it is a file. */
async function restoreToPostgres(
  file: string,
  target: RestoreTarget,
  options: RestoreOptions,
): Promise<RestoreReport> {
  const { databaseUrl, environment, dataFolder } = target;
  const { facts: wanted } = await readManifest(file);
  // A restore that was broken off after the database was restored goes on from there.
  const isRestored = await hasFacts(databaseUrl, wanted);
  if (!isRestored && !(await isEmptyPostgres(databaseUrl))) {
    throw new RestoreFailure(
      'The database of CHIT_DATABASE_URL contains tables, and is left as it is. Create an empty ' +
        'one beside it (createdb), set CHIT_DATABASE_URL to that, and restore again.',
    );
  }
  const staged = stage(target);
  try {
    const manifest = await unpackArchive(file, join(dataFolder, staged.name));
    const { plan, report: moved } = planOf(file, staged.name, target, []);
    const report: RestoreReport = { manifest, lost: { kind: 'nothing_there' }, ...moved };
    if (options.isDryRun) return report;
    const dump = join(dataFolder, staged.name, POSTGRES_DUMP);
    if (!isRestored) {
      requireSame(await restorePostgres(databaseUrl, dump, environment), manifest.facts);
    }
    syncFolder(dataFolder);
    decideRestore(dataFolder, plan, options.onStep);
    finishRestore(dataFolder, options.onStep);
    return report;
  } finally {
    staged.discard();
  }
}

function requireSame(restored: DatabaseFacts, backedUp: DatabaseFacts): void {
  if (isSame(restored, backedUp)) return;
  throw new RestoreFailure(
    `The database has ${restored.transfers} transfers of ${restored.accounts} accounts now, but ` +
      `the backup says ${backedUp.transfers} of ${backedUp.accounts}. Do not use it.`,
  );
}

function isSame(one: DatabaseFacts, other: DatabaseFacts): boolean {
  return (
    one.transfers === other.transfers &&
    one.accounts === other.accounts &&
    one.postedCredits === other.postedCredits &&
    one.lastTransfer?.id === other.lastTransfer?.id
  );
}

async function hasFacts(databaseUrl: string, wanted: DatabaseFacts): Promise<boolean> {
  if (await isEmptyPostgres(databaseUrl)) return false;
  const facts = await factsOfPostgres(databaseUrl).catch(() => undefined);
  return facts !== undefined && isSame(facts, wanted);
}
