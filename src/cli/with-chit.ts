import { type Chit, openChit } from '../compose.ts';
import { loadConfig } from '../config.ts';
import type { UserWithPassword } from '../store/users.ts';
import { CommandFailure } from './output.ts';

/** Opens what the settings name, runs the work and closes it again, whatever comes of it. */
export async function withChit<T>(work: (chit: Chit) => Promise<T>): Promise<T> {
  const chit = await openChit(loadConfig().config);
  try {
    return await work(chit);
  } finally {
    await chit.close();
  }
}

/** @throws CommandFailure if nobody has that name */
export async function userNamed(chit: Chit, username: string): Promise<UserWithPassword> {
  const user = await chit.context.users.byUsername(username);
  if (!user) throw new CommandFailure(`There is no user named "${username}".`);
  return user;
}
