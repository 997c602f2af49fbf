/** What is backed up, restored, and saved before an upgrade, by the settings. */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import packageJson from '../../package.json' with { type: 'json' };
import { BackupFailure, type BackupSource, makeBackup } from '../app/operations/make-backup.ts';
import type { RestoreTarget } from '../app/operations/restore-backup.ts';
import { secretKeyPath } from '../auth/secret-key.ts';
import { backupFolderOf, type Config, dataFolderOf } from '../config.ts';
import { isPostgres, type OpenDatabase } from '../store/database/dialect.ts';
import { NEWEST_MIGRATION } from '../store/database/migrate.ts';
import { BackupRunning } from '../store/operations/backup-folder.ts';
import { DEFAULT_FILE } from './deployment-of.ts';

/** How often it is asked whether the backup that another process makes is done. */
const ASK_AGAIN_MS = 200;

/**
 * Makes a backup of a SQLite database of an earlier version. PostgreSQL's may take an hour, in
 * which this server would not answer, so there the operator is told.
 * @throws BackupFailure
 */
export async function backUpBeforeUpgrade(
  database: OpenDatabase,
  config: Config,
  onNotice: (notice: string) => void,
): Promise<void> {
  const from = await database.upgradesFrom();
  if (from === undefined || !config.backupBeforeUpgrade) return;
  const upgrade = `The database is upgraded from migration ${from} to ${NEWEST_MIGRATION}`;
  if (isPostgres(config.databaseUrl)) {
    onNotice(`${upgrade}, on PostgreSQL without a backup: docs/backups.md says how to make one.`);
    return;
  }
  const order = { folder: backupFolderOf(config), madeBy: 'upgrade', mayDelete: false } as const;
  try {
    const { backup } = await makeBackup(backupSourceOf(config), order);
    onNotice(`${upgrade}. Backup before it: ${backup.path}`);
  } catch (error) {
    if (!(error instanceof BackupFailure)) throw error;
    if (error.cause instanceof BackupRunning) {
      // Another process that starts may be about to do the same.
      await sleep(ASK_AGAIN_MS);
      return backUpBeforeUpgrade(database, config, onNotice);
    }
    throw new BackupFailure(
      `${error.message}\nThe database was not upgraded, since there is no backup. To upgrade it ` +
        'without one, set CHIT_BACKUP_BEFORE_UPGRADE=0 for one start.',
    );
  }
}

/** What a backup of this installation contains. */
export function backupSourceOf(config: Config): BackupSource {
  const keyFile = secretKeyPath(dataFolderOf(config));
  const keyInFile = existsSync(keyFile) ? readFileSync(keyFile, 'utf8').trim() : undefined;
  const deploymentFile = config.configFile || DEFAULT_FILE;
  return {
    databaseUrl: config.databaseUrl,
    secretKey: config.secretKey || keyInFile,
    deploymentFile: existsSync(deploymentFile) ? deploymentFile : undefined,
    program: packageJson.version,
    environment: config.environment,
  };
}

/** Where a backup of this installation is restored to. */
export function restoreTargetOf(config: Config): RestoreTarget {
  return {
    databaseUrl: config.databaseUrl,
    dataFolder: dataFolderOf(config),
    secretKeySetting: config.secretKey || undefined,
    deploymentFile: config.configFile || DEFAULT_FILE,
    environment: config.environment,
  };
}
