import {
  type DatabaseOptions,
  type OpenDatabase,
  openDatabase,
} from '../store/database/dialect.ts';
import { finishRestore, isRestoreDecided, lastRestore } from '../store/operations/restore-files.ts';

/**
 * Opens the database of an installation, with what was restored: also if a restore is decided while
 * it is being opened, and the process that restores is killed.
 * @throws as `openDatabase`
 */
export async function openRestored(
  url: string,
  dataFolder: string,
  options: DatabaseOptions,
): Promise<OpenDatabase> {
  for (;;) {
    finishRestore(dataFolder);
    const before = lastRestore(dataFolder)?.restoredAt;
    const isRestored = () =>
      isRestoreDecided(dataFolder) || lastRestore(dataFolder)?.restoredAt !== before;
    let database: OpenDatabase;
    try {
      database = openDatabase(url, options);
    } catch (error) {
      // Between the old files and the new ones there are none.
      if (isRestored()) continue;
      throw error;
    }
    if (!isRestoreDecided(dataFolder)) return database;
    await database.close();
  }
}
