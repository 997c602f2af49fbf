import { SecretKeyError } from '../auth/secret-key.ts';
import { type Chit, openChit } from '../compose.ts';
import { type Config, loadConfig, withoutPassword } from '../config.ts';
import type { UserWithPassword } from '../store/accounts/users.ts';
import { NewerDatabase } from '../store/database/migrate.ts';
import { CommandFailure } from './output.ts';

/** Opens what the settings name, runs the work and closes it again, whatever comes of it. */
export async function withChit<T>(work: (chit: Chit) => Promise<T>): Promise<T> {
  const chit = await openConfigured(loadConfig().config);
  try {
    return await work(chit);
  } finally {
    await chit.close();
  }
}

/**
 * Opens what the settings name.
 * @throws CommandFailure if the database or its folder cannot be used, or is of a newer version
 */
export async function openConfigured(config: Config): Promise<Chit> {
  try {
    return await openChit(config);
  } catch (error) {
    if (error instanceof SecretKeyError || error instanceof NewerDatabase) {
      throw new CommandFailure(error.message);
    }
    const { code, message } = error as NodeJS.ErrnoException;
    // Only what the system and SQLite report has a code; anything else is a mistake of ours.
    if (code === undefined) throw error;
    const url = withoutPassword(config.databaseUrl);
    throw new CommandFailure(`${url} (CHIT_DATABASE_URL) cannot be used: ${message}`);
  }
}

/** @throws CommandFailure if nobody has that name */
export async function userNamed(chit: Chit, username: string): Promise<UserWithPassword> {
  const user = await chit.context.users.byUsername(username);
  if (!user) throw new CommandFailure(`There is no user named "${username}".`);
  return user;
}
