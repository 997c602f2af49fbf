import { BackupFailure } from '../app/operations/make-backup.ts';
import { SecretKeyError } from '../auth/secret-key.ts';
import { type Chit, type OpenOptions, openChit } from '../compose.ts';
import { type Config, loadConfig } from '../config.ts';
import { withoutPassword } from '../core/hidden-password.ts';
import type { UserWithPassword } from '../store/accounts/users.ts';
import { NewerDatabase, UnfinishedMove } from '../store/database/migrate.ts';
import { DatabaseUrlError } from '../store/database/postgres-url.ts';
import { isBusy } from '../store/database/sqlite-connection.ts';
import { DatabaseMissing } from '../store/database/sqlite-file.ts';
import { CommandFailure, printError } from './output.ts';

/**
 * Opens the configured Chit, runs the work and closes it again, even on errors.
 * @param options a command that does not say so does not create a database
 */
export async function withChit<T>(
  work: (chit: Chit) => Promise<T>,
  options: OpenOptions = { mayCreate: false },
): Promise<T> {
  const chit = await openConfigured(loadConfig().config, options);
  try {
    return await work(chit);
  } finally {
    await chit.close();
  }
}

/**
 * Opens the configured Chit.
 * @throws CommandFailure if the database or its folder cannot be used, or a newer version made it
 */
export function openConfigured(config: Config, options: OpenOptions): Promise<Chit> {
  const all = { onNotice: printError, ...options };
  return namingDatabase(config, () => openChit(config, undefined, all));
}

/**
 * Runs what uses the database at the start.
 * @throws CommandFailure with one line for an error of the system or of the database
 */
export async function namingDatabase<T>(config: Config, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (EXPLAINED.some((kind) => error instanceof kind)) {
      throw new CommandFailure((error as Error).message);
    }
    const { code, message } = error as NodeJS.ErrnoException;
    // Errors of the system and of SQLite have a code; anything else is a bug.
    if (code === undefined && !(error instanceof DatabaseUrlError)) throw error;
    const url = withoutPassword(config.databaseUrl);
    const reason = isBusy(error) ? IN_USE : message;
    throw new CommandFailure(`${url} (CHIT_DATABASE_URL) cannot be used: ${reason}`);
  }
}

const IN_USE =
  'another process keeps it for itself, as `chit restore` and `chit move` do. Try again when ' +
  'that has ended.';

/** Errors whose message says what to do. */
const EXPLAINED = [SecretKeyError, NewerDatabase, DatabaseMissing, BackupFailure, UnfinishedMove];

/** @throws CommandFailure if there is no such user */
export async function userNamed(chit: Chit, username: string): Promise<UserWithPassword> {
  const user = await chit.context.users.byUsername(username);
  if (!user) throw new CommandFailure(`There is no user named "${username}".`);
  return user;
}
