/** Signs that a database is an old copy: all in it agrees, but bookings are missing. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { madeAtMsOf } from '../../core/backups.ts';
import { isPostgres, sqlitePath } from '../../store/database/dialect.ts';
import { bytesOf } from '../../store/database/sqlite-file.ts';
import { type ListedBackup, listBackups } from '../../store/operations/backup-folder.ts';
import { lastLeaseMs } from '../../store/operations/database-facts.ts';
import { lastRestore } from '../../store/operations/restore-files.ts';
import { readingSqlite } from '../../store/operations/sqlite-copy.ts';
import type { Context } from '../context.ts';

/** More than any lease lasts that a backup brought along. */
const LEASE_OF_BACKUP_MS = 60_000;

/** The newest backup of a database, made since it was restored last. */
export async function newestBackupOf(
  databaseUrl: string,
  at: { readonly folder: string; readonly dataFolder: string },
): Promise<ListedBackup | undefined> {
  const kind = isPostgres(databaseUrl) ? 'postgres' : 'sqlite';
  const restoredMs = restoredAtMs(at.dataFolder);
  const { backups } = await listBackups(at.folder);
  return backups.find(
    ({ manifest }) => manifest.database === kind && madeAtMsOf(manifest) > restoredMs,
  );
}

/**
 * What a backup has and the database has not: transfers are never deleted, so then the database is
 * older than the backup, or another one.
 * @param transfers how many the database has
 */
export async function faultsBesideBackup(
  { transfers: store }: Pick<Context, 'transfers'>,
  transfers: number,
  { name, manifest }: ListedBackup,
): Promise<string[]> {
  const { facts, madeAt } = manifest;
  const last = facts.lastTransfer;
  const isMissing = last !== undefined && (await store.accountOf(last.id)) === undefined;
  if (!isMissing && transfers >= facts.transfers) return [];
  const what = isMissing
    ? `has the transfer ${last.id} of ${last.at}, which this database has not`
    : `has ${facts.transfers} transfers, this database has ${transfers}`;
  return [
    `The backup ${name} of ${madeAt} ${what}. This database is older than that backup, or a copy ` +
      'that lost what was booked last, or another one.',
  ];
}

/**
 * A server leaves its lease and its write-ahead log behind when it is killed, and neither when it
 * stops. A lease without a log may mean that the file was copied without it, unless a backup of a
 * running server brought it along. To be asked before the database is opened, which creates a log.
 * @returns a sentence for the operator; undefined if there is nothing to say
 */
export async function noteOnLostLog(
  databaseUrl: string,
  dataFolder: string,
): Promise<string | undefined> {
  if (isPostgres(databaseUrl)) return undefined;
  const path = sqlitePath(databaseUrl);
  const log = `${path}-wal`;
  if (!existsSync(path) || bytesOf(log) > 0) return undefined;
  const untilMs = await readingSqlite(path, ({ kysely }) => lastLeaseMs(kysely)).catch(
    // Damage is for the verification to tell.
    () => undefined,
  );
  if (untilMs === undefined || untilMs > Date.now()) return undefined;
  if (untilMs < restoredAtMs(dataFolder) + LEASE_OF_BACKUP_MS) return undefined;
  return (
    `The server that used this database last did not stop (its lease ended at ` +
    `${new Date(untilMs).toISOString()}), and there is no ${basename(log)} beside it. If the ` +
    'file was copied while the server ran, what was booked last is missing: copies are made with ' +
    '`chit backup`.'
  );
}

/** When the database was restored last, in milliseconds since 1970 UTC; 0 for never. */
function restoredAtMs(dataFolder: string): number {
  return Date.parse(lastRestore(dataFolder)?.restoredAt ?? '') || 0;
}
