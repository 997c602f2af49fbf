/** The backups: whether there is a good one, how old it is, and what it says of the ledger. */
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { madeAtMsOf } from '../../../core/backups.ts';
import { type Finding, finding } from '../../../core/doctor.ts';
import { isPostgres, sqlitePath } from '../../../store/database/dialect.ts';
import {
  type BackupList,
  type ListedBackup,
  listBackups,
} from '../../../store/operations/backup-folder.ts';
import { whyNoDump } from '../../../store/operations/postgres-copy.ts';
import { OVERDUE_AFTER_MS } from '../backups.ts';
import { isGood } from '../make-backup.ts';
import type { Subject } from './subject.ts';

/** What there is in the folder of backups at a time, in milliseconds since 1970 UTC. */
export async function checkBackups(subject: Subject, nowMs: number): Promise<Finding[]> {
  const { settings, backupFolder: folder } = subject;
  let list: BackupList;
  try {
    list = await listBackups(folder);
  } catch (error) {
    return [finding('backups_unlisted', { folder, reason: (error as Error).message })];
  }
  const [newest] = list.backups;
  const lastGood = list.backups.find(isGood);
  return [
    ...(newest && !isGood(newest) ? [faulty(newest)] : []),
    ageOf(lastGood, nowMs),
    ...list.unreadable.map(({ name, reason }) => finding('backup_unreadable', { name, reason })),
    ...(settings.backupEveryHours === 0 ? [finding('backups_off', {})] : []),
    ...sameDisk(subject),
    ...(await impossible(subject)),
    ledgerFinding(lastGood, nowMs),
  ];
}

function faulty({ name, manifest }: ListedBackup): Finding {
  return finding('backup_faulty', { name, faults: manifest.check.faults.length });
}

function ageOf(lastGood: ListedBackup | undefined, nowMs: number): Finding {
  if (!lastGood) return finding('backup_none', {});
  const { name, manifest } = lastGood;
  const at = manifest.madeAt;
  const isOld = nowMs - madeAtMsOf(manifest) > OVERDUE_AFTER_MS;
  return finding(isOld ? 'backup_overdue' : 'backup_ok', { name, at });
}

/** A disk that fails would take both with it. */
function sameDisk({ settings, backupFolder: folder }: Subject): Finding[] {
  if (isPostgres(settings.databaseUrl) || !existsSync(folder)) return [];
  const place = dirname(resolve(sqlitePath(settings.databaseUrl)));
  if (!existsSync(place) || statSync(place).dev !== statSync(folder).dev) return [];
  return [finding('backups_on_same_disk', { folder })];
}

async function impossible({ settings }: Subject): Promise<Finding[]> {
  const { databaseUrl, environment, backupEveryHours } = settings;
  if (!isPostgres(databaseUrl) || backupEveryHours === 0) return [];
  // Why the database does not answer is said elsewhere.
  const reason = await whyNoDump(databaseUrl, environment).catch(() => undefined);
  return reason === undefined ? [] : [finding('backup_impossible', { reason })];
}

/** All of the ledger is verified whenever a backup is made; here would be too long for that. */
function ledgerFinding(lastGood: ListedBackup | undefined, nowMs: number): Finding {
  const manifest = lastGood?.manifest;
  const isLately = manifest && nowMs - madeAtMsOf(manifest) <= OVERDUE_AFTER_MS;
  if (!isLately || manifest.check.of !== 'ledger') return finding('ledger_unverified', {});
  const { transfers } = manifest.facts;
  return finding('ledger_verified', { at: manifest.madeAt, transfers });
}
