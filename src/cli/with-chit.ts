import { SecretKeyError } from '../auth/secret-key.ts';
import { type Chit, openChit } from '../compose.ts';
import { type Config, loadConfig, withoutPassword } from '../config.ts';
import type { UserWithPassword } from '../store/accounts/users.ts';
import { NewerDatabase } from '../store/database/migrate.ts';
import { CommandFailure } from './output.ts';

/** Opens the configured Chit, runs the work and closes it again, even on errors. */
export async function withChit<T>(work: (chit: Chit) => Promise<T>): Promise<T> {
  const chit = await openConfigured(loadConfig().config);
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
export async function openConfigured(config: Config): Promise<Chit> {
  try {
    return await openChit(config);
  } catch (error) {
    if (error instanceof SecretKeyError || error instanceof NewerDatabase) {
      throw new CommandFailure(error.message);
    }
    const { code, message } = error as NodeJS.ErrnoException;
    // Errors of the system and of SQLite have a code; anything else is a bug.
    if (code === undefined) throw error;
    const url = withoutPassword(config.databaseUrl);
    throw new CommandFailure(`${url} (CHIT_DATABASE_URL) cannot be used: ${message}`);
  }
}

/** @throws CommandFailure if there is no such user */
export async function userNamed(chit: Chit, username: string): Promise<UserWithPassword> {
  const user = await chit.context.users.byUsername(username);
  if (!user) throw new CommandFailure(`There is no user named "${username}".`);
  return user;
}
