/** What is backed up, restored, and saved before an upgrade, by the settings. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import packageJson from '../../package.json' with { type: 'json' };
import { BackupFailure, type BackupSource, makeBackup } from '../app/operations/make-backup.ts';
import type { RestoreTarget } from '../app/operations/restore-backup.ts';
import { backupFolderOf, type Config, dataFolderOf } from '../config.ts';
import { isPostgres, type OpenDatabase } from '../store/database/dialect.ts';
import { NEWEST_MIGRATION } from '../store/database/migrate.ts';
import { BackupRunning } from '../store/operations/backup-folder.ts';
import { type LockFile, takeLock } from '../store/operations/lock-file.ts';
import { DEFAULT_FILE } from './deployment-of.ts';
import { secretKeyOf } from './examined.ts';

/** How often it is asked whether another process is done with its backup or its upgrade. */
const ASK_AGAIN_MS = 200;
/** In the data folder, of the process that upgrades. */
const UPGRADE_LOCK = '.lock-of-upgrade';
const UPGRADE_LOCK_WAIT_MS = 50;

interface UpgradeSteps {
  /** Migrates the database. */
  readonly migrate: () => Promise<string[]>;
  readonly onNotice: (notice: string) => void;
}

/**
 * Brings the database to the newest schema, after a backup if it is SQLite of an earlier version.
 * Of several processes that start at once one does both, and the others wait for it.
 * @returns the names of the migrations that were carried out
 * @throws BackupFailure, NewerDatabase, UnfinishedMove
 */
export async function upgrade(
  database: OpenDatabase,
  config: Config,
  { migrate, onNotice }: UpgradeSteps,
): Promise<string[]> {
  if ((await database.upgradesFrom()) === undefined) return migrate();
  const lock = database.kind === 'SQLite' ? await turnToUpgrade(config) : undefined;
  try {
    await backUpBeforeUpgrade(database, config, onNotice);
    return await migrate();
  } finally {
    lock?.close();
  }
}

async function turnToUpgrade(config: Config): Promise<LockFile> {
  for (;;) {
    const lock = takeLock(join(dataFolderOf(config), UPGRADE_LOCK), UPGRADE_LOCK_WAIT_MS);
    if (lock) return lock;
    await sleep(ASK_AGAIN_MS);
  }
}

/**
 * Makes a backup of a SQLite database of an earlier version. PostgreSQL's may take an hour, in
 * which this server would not answer, so there the operator is told.
 * @throws BackupFailure
 */
async function backUpBeforeUpgrade(
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
  const deploymentFile = config.configFile || DEFAULT_FILE;
  return {
    databaseUrl: config.databaseUrl,
    secretKey: secretKeyOf(config),
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
