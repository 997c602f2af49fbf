import { copyFileSync, existsSync, statfsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import {
  type BackupCheck,
  type BackupMaker,
  type BackupManifest,
  backupsToDelete,
  type DatabaseFacts,
  DEPLOYMENT_COPY,
  KEY_COPY,
  POSTGRES_DUMP,
  SQLITE_COPY,
} from '../../core/backups.ts';
import type { LedgerVerifier } from '../../store/credits/ledger-verifier.ts';
import { isPostgres, sqlitePath } from '../../store/database/dialect.ts';
import { NEWEST_MIGRATION } from '../../store/database/migrate.ts';
import { describeFile, writeArchive } from '../../store/operations/backup-archive.ts';
import {
  type BackupDraft,
  BackupRunning,
  deleteBackups,
  draftBackup,
  type ListedBackup,
  listBackups,
  syncFile,
} from '../../store/operations/backup-folder.ts';
import { NoTables } from '../../store/operations/database-facts.ts';
import {
  checkDump,
  dumpPostgres,
  OtherServerBacksUp,
} from '../../store/operations/postgres-copy.ts';
import { type Environment, PostgresToolError } from '../../store/operations/postgres-tools.ts';
import { writeDurably } from '../../store/operations/restore-files.ts';
import { copySqlite, readingSqlite, sqliteBytes } from '../../store/operations/sqlite-copy.ts';
import { verifyLedger } from '../credits/verify-ledger.ts';

/** What is backed up. Plain data, which another process can be told. */
export interface BackupSource {
  readonly databaseUrl: string;
  /** The text of the key; undefined if there is none yet. */
  readonly secretKey: string | undefined;
  /** The path of `chit.json`; undefined if there is none. */
  readonly deploymentFile: string | undefined;
  /** The version of this program. */
  readonly program: string;
  /** For the programs of PostgreSQL. */
  readonly environment: Environment;
}

export interface BackupOrder {
  /** Where the backup is made; created if it is missing. */
  readonly folder: string;
  readonly madeBy: BackupMaker;
  /** Whether backups in the folder that need no longer be kept are deleted afterwards. */
  readonly mayDelete: boolean;
}

export interface MadeBackup {
  readonly backup: ListedBackup;
  /** The names of those that were deleted, since they need no longer be kept. */
  readonly deleted: readonly string[];
}

/** The part of the work that is under way, and how much of it is done. */
export type OnBackupProgress = (what: 'copy' | 'check', done: number, total: number) => void;

/** No backup was made; the message says why and what to do. Nothing of it is left. */
export class BackupFailure extends Error {}

/** A backup is not begun if it would leave less room than this. */
const RESERVE_BYTES = 32 * 1024 * 1024;
/** A copy and an archive, which is rarely as large. */
const COPIES = 2;
const MAX_FAULTS = 20;

/**
 * Makes a backup: a copy of the database at one moment, with the secret key and `chit.json`; checks
 * the copy as `chit ledger verify` does, and puts it in the folder under its name once all of it is
 * on the disk. Meanwhile others read and write as ever.
 *
 * It works synchronously for long stretches, so a server has it done by another process.
 * @throws BackupFailure
 */
export async function makeBackup(
  source: BackupSource,
  order: BackupOrder,
  onProgress: OnBackupProgress = () => undefined,
): Promise<MadeBackup> {
  try {
    requireDatabase(source);
    return await draftBackup(order.folder, async (draft) => {
      requireRoom(source, order.folder);
      const madeAt = new Date().toISOString();
      const copy = isPostgres(source.databaseUrl)
        ? await copyOfPostgres(source, draft, onProgress)
        : await copyOfSqlite(source, draft, onProgress);
      const names = [copy.file, ...(await addFiles(source, draft))];
      const files: [string, BackupManifest['files'][string]][] = [];
      for (const name of names) files.push([name, await describeFile(join(draft.contents, name))]);
      const manifest: BackupManifest = {
        program: source.program,
        database: copy.file === SQLITE_COPY ? 'sqlite' : 'postgres',
        madeAt,
        madeBy: order.madeBy,
        host: hostname(),
        facts: copy.facts,
        check: copy.check,
        files: Object.fromEntries(files),
      };
      await writeArchive(draft.archive, draft.contents, manifest);
      await syncFile(draft.archive);
      const path = await draft.publish(madeAt);
      return finished(order, path);
    });
  } catch (error) {
    throw toFailure(error, order.folder);
  }
}

interface CheckedCopy {
  readonly file: typeof SQLITE_COPY | typeof POSTGRES_DUMP;
  readonly facts: DatabaseFacts;
  readonly check: BackupCheck;
}

async function copyOfSqlite(
  { databaseUrl }: BackupSource,
  { contents }: BackupDraft,
  onProgress: OnBackupProgress,
): Promise<CheckedCopy> {
  const copy = join(contents, SQLITE_COPY);
  const facts = await copySqlite(sqlitePath(databaseUrl), copy, (done, total) =>
    onProgress('copy', done, total),
  );
  await chmod(copy, 0o600);
  const check = await checkSqliteCopy(copy, facts, (done, total) =>
    onProgress('check', done, total),
  );
  return { file: SQLITE_COPY, facts, check };
}

/**
 * Checks a copy of a SQLite database without changing it: everything that `chit ledger verify` does
 * or, if its schema is of an earlier version, the file alone.
 */
export function checkSqliteCopy(
  path: string,
  facts: DatabaseFacts,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<BackupCheck> {
  return readingSqlite(path, async ({ ledgerVerifier, storageFaults }) => {
    if (facts.migration !== NEWEST_MIGRATION) {
      return { of: 'file', faults: await storageFaults(MAX_FAULTS) };
    }
    const { faults } = await verifyLedger({ ledgerVerifier }, onProgress);
    return { of: 'ledger', faults: faults.slice(0, MAX_FAULTS) };
  });
}

async function copyOfPostgres(
  { databaseUrl, environment }: BackupSource,
  { contents }: BackupDraft,
  onProgress: OnBackupProgress,
): Promise<CheckedCopy> {
  const file = join(contents, POSTGRES_DUMP);
  const copy = await dumpPostgres(databaseUrl, file, environment, async ({ facts, ledger }) => {
    if (facts.migration !== NEWEST_MIGRATION) return { facts, faults: undefined };
    const ledgerVerifier: Pick<LedgerVerifier, 'storageFaults' | 'atOneMoment'> = {
      storageFaults: async () => [],
      atOneMoment: (work) => work(ledger),
    };
    const { faults } = await verifyLedger({ ledgerVerifier }, (done, total) =>
      onProgress('check', done, total),
    );
    return { facts, faults };
  });
  await chmod(file, 0o600);
  await checkDump(databaseUrl, file, environment);
  const check: BackupCheck = copy.faults
    ? { of: 'ledger', faults: copy.faults.slice(0, MAX_FAULTS) }
    : { of: 'file', faults: [] };
  return { file: POSTGRES_DUMP, facts: copy.facts, check };
}

/** @returns the names of the files that were added */
async function addFiles(
  { secretKey, deploymentFile }: BackupSource,
  { contents }: BackupDraft,
): Promise<string[]> {
  const names: string[] = [];
  if (secretKey !== undefined) {
    writeDurably(join(contents, KEY_COPY), `${secretKey}\n`);
    names.push(KEY_COPY);
  }
  if (deploymentFile !== undefined && existsSync(deploymentFile)) {
    copyFileSync(deploymentFile, join(contents, DEPLOYMENT_COPY));
    names.push(DEPLOYMENT_COPY);
  }
  return names;
}

async function finished({ folder, mayDelete }: BackupOrder, path: string): Promise<MadeBackup> {
  const { backups } = await listBackups(folder);
  const backup = backups.find((it) => it.path === path);
  if (!backup) throw new BackupFailure(`The backup ${path} cannot be read back.`);
  if (!mayDelete) return { backup, deleted: [] };
  const dated = backups.map((it) => ({
    name: it.name,
    madeAt: it.manifest.madeAt,
    madeBy: it.manifest.madeBy,
    isGood: isGood(it),
  }));
  const deleted = backupsToDelete(dated, Date.parse(backup.manifest.madeAt));
  await deleteBackups(folder, deleted);
  return { backup, deleted };
}

/** Whether a backup was found to be without faults when it was made. */
export function isGood({ manifest }: ListedBackup): boolean {
  return manifest.check.faults.length === 0;
}

function requireDatabase({ databaseUrl }: BackupSource): void {
  if (isPostgres(databaseUrl)) return;
  const path = sqlitePath(databaseUrl);
  if (path === ':memory:') throw new BackupFailure('A database in memory has no backups.');
  if (existsSync(path)) return;
  throw new BackupFailure(
    `There is no database at ${resolve(path)}. Run this in the folder of your installation, or ` +
      'set CHIT_DATABASE_URL.',
  );
}

/** On the same disk as the data, a backup must not take the room that the server needs. */
function requireRoom({ databaseUrl }: BackupSource, folder: string): void {
  if (isPostgres(databaseUrl)) return;
  const { bavail, bsize } = statfsSync(folder);
  const needed = sqliteBytes(sqlitePath(databaseUrl)) * COPIES + RESERVE_BYTES;
  const free = bavail * bsize;
  if (free >= needed) return;
  throw new BackupFailure(
    `There is too little room in ${resolve(folder)}: ${megabytes(free)} are free, and a backup ` +
      `takes up to ${megabytes(needed)}. Make room, or set CHIT_BACKUP_FOLDER to another disk.`,
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_000_000).toLocaleString('en')} MB`;
}

/** SQLITE_FULL, https://sqlite.org/rescode.html#full */
const SQLITE_FULL = 13;

function toFailure(error: unknown, folder: string): BackupFailure {
  if (error instanceof BackupFailure) return error;
  const { message, code, errcode } = error as Error & { code?: string; errcode?: number };
  if (
    error instanceof BackupRunning ||
    error instanceof NoTables ||
    error instanceof OtherServerBacksUp ||
    error instanceof PostgresToolError
  ) {
    return new BackupFailure(message, { cause: error });
  }
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || errcode === SQLITE_FULL;
  const reason = isFull
    ? `The disk of ${resolve(folder)} is full. Nothing of the backup was left. Make room, or set ` +
      'CHIT_BACKUP_FOLDER to another disk.'
    : `The backup in ${resolve(folder)} failed: ${message}`;
  return new BackupFailure(reason, { cause: error });
}
