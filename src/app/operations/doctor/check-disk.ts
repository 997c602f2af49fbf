/** Whether the folders can be written, and whether there is room. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Finding, finding } from '../../../core/doctor.ts';
import { isPostgres, sqlitePath } from '../../../store/database/dialect.ts';
import { sqliteBytes } from '../../../store/operations/sqlite-copy.ts';
import type { Subject } from './subject.ts';

/** With less, bookings may fail before anybody looks again. */
const FULL_BYTES = 100_000_000;
const LOW_BYTES = 1_000_000_000;

/** Asks how many bytes are free for users who are not root. */
export type FreeBytes = (folder: string) => Promise<number>;

/** Room in the folders of data and backups, and whether they can be written. */
export async function checkDisk(
  { settings: { databaseUrl }, dataFolder, backupFolder }: Subject,
  freeBytes: FreeBytes = freeBytesOf,
): Promise<Finding[]> {
  // A backup is a copy first, and a move into another file of this size needs as much.
  const databaseBytes = isPostgres(databaseUrl) ? 0 : sqliteBytes(sqlitePath(databaseUrl));
  const wantedBytes = Math.max(LOW_BYTES, 2 * databaseBytes);
  const folders = [...new Set([existing(dataFolder), existing(backupFolder)])];
  const found = await Promise.all(
    folders.map(async (folder) => [
      await roomIn(folder, wantedBytes, freeBytes),
      ...(await writable(folder)),
    ]),
  );
  return found.flat();
}

async function roomIn(
  folder: string,
  wantedBytes: number,
  freeBytesIn: FreeBytes,
): Promise<Finding> {
  const freeBytes = await freeBytesIn(folder);
  if (freeBytes < FULL_BYTES) return finding('disk_full', { folder, freeBytes });
  if (freeBytes < wantedBytes) return finding('disk_low', { folder, freeBytes, wantedBytes });
  return finding('disk_ok', { folder, freeBytes });
}

async function writable(folder: string): Promise<Finding[]> {
  const file = join(folder, `.doctor-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(file, 'chit doctor wrote this to see whether it can\n', { mode: 0o600 });
    return [];
  } catch (error) {
    return [finding('folder_unwritable', { folder, reason: (error as Error).message })];
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
}

/** The folder, or the one in which it will be created. */
function existing(folder: string): string {
  let place = resolve(folder);
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  return place;
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
