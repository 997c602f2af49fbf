/** The folder of the backups: what is in it, and the one process that may write to it. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BackupInvalid, type BackupManifest, madeAtMsOf } from '../../core/backups.ts';
import { readManifest } from './backup-archive.ts';
import { takeLock } from './lock-file.ts';

const FOLDER_MODE = 0o700;
const LOCK = '.lock';
/** Of several who begin at once, one has it by then. */
const LOCK_WAIT_MS = 50;
const DRAFT = '.making-';
/** No colon, which `scp` would take for the end of the name of a host. */
const BACKUP_NAME = /^chit-\d{4}-\d\d-\d\d-\d{6}(-\d+)?\.tar\.zst$/;
const EXTENSION = '.tar.zst';

/** A backup in a folder. */
export interface ListedBackup {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly manifest: BackupManifest;
}

/** A file with the name of a backup that cannot be read; the message says why. */
export interface UnreadableBackup {
  readonly name: string;
  readonly path: string;
  readonly reason: string;
}

export interface BackupList {
  /** Newest first. */
  readonly backups: readonly ListedBackup[];
  readonly unreadable: readonly UnreadableBackup[];
}

/** Somebody else is making a backup in the folder. */
export class BackupRunning extends Error {
  constructor(folder: string) {
    super(`Another backup is being made in ${folder}. Wait until it is done.`);
  }
}

/** Lists the backups of a folder; there are none if there is no folder. */
export async function listBackups(folder: string): Promise<BackupList> {
  const backups: ListedBackup[] = [];
  const unreadable: UnreadableBackup[] = [];
  for (const name of await namesIn(folder)) {
    if (!BACKUP_NAME.test(name)) continue;
    const path = join(folder, name);
    try {
      const { size } = await stat(path);
      backups.push({ name, path, bytes: size, manifest: await readManifest(path) });
    } catch (error) {
      // One that was just deleted is none.
      if (!existsSync(path)) continue;
      unreadable.push({ name, path, reason: (error as Error).message });
    }
  }
  backups.sort((one, other) => madeAtMsOf(other.manifest) - madeAtMsOf(one.manifest));
  return { backups, unreadable };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** A backup that is being made. Nothing in its folder looks like a backup until `publish`. */
export interface BackupDraft {
  /** For what goes into the backup. */
  readonly contents: string;
  /** Where the archive is to be written. */
  readonly archive: string;
  /** Puts the archive in its place, under its name. */
  publish(madeAt: string): Promise<string>;
}

/**
 * Runs work that makes a backup, alone in the folder, which is created if need be. Whatever the
 * work leaves is removed, and so is what others left that were killed.
 * @throws BackupRunning
 */
export async function draftBackup<T>(
  folder: string,
  work: (draft: BackupDraft) => Promise<T>,
): Promise<T> {
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  const lock = takeLock(join(folder, LOCK), LOCK_WAIT_MS);
  if (!lock) throw new BackupRunning(folder);
  try {
    await removeDrafts(folder);
    const contents = join(folder, `${DRAFT}${randomBytes(6).toString('hex')}`);
    await mkdir(contents, { mode: FOLDER_MODE });
    const archive = join(contents, `archive${EXTENSION}`);
    try {
      return await work({ contents, archive, publish: (at) => publish(archive, folder, at) });
    } finally {
      await rm(contents, { recursive: true, force: true });
    }
  } finally {
    lock.close();
  }
}

async function removeDrafts(folder: string): Promise<void> {
  const drafts = (await readdir(folder)).filter((name) => name.startsWith(DRAFT));
  for (const name of drafts) await rm(join(folder, name), { recursive: true, force: true });
}

async function publish(archive: string, folder: string, madeAt: string): Promise<string> {
  const base = `chit-${madeAt.slice(0, 19).replace('T', '-').replaceAll(':', '')}`;
  let path = join(folder, `${base}${EXTENSION}`);
  for (let n = 2; existsSync(path); n += 1) path = join(folder, `${base}-${n}${EXTENSION}`);
  await rename(archive, path);
  await syncFolder(folder);
  return path;
}

/** Deletes backups of a folder. Anything that has no such name is refused. */
export async function deleteBackups(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (!BACKUP_NAME.test(name)) throw new BackupInvalid(`${name} is not the name of a backup.`);
    await rm(join(folder, name), { force: true });
  }
  if (names.length > 0) await syncFolder(folder);
}

/** Waits until the names in a folder are on the disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await synced(handle);
}

/** Waits until a file is on the disk. */
export async function syncFile(path: string): Promise<void> {
  await synced(await open(path, 'r+'));
  await syncFolder(dirname(path));
}

async function synced(handle: FileHandle): Promise<void> {
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
