import type { Context } from '../context.ts';

/**
 * Stops what this server is generating and nobody wants any more: for users who were disabled, and
 * what another server was asked to stop.
 */
export async function stopUnwanted({ generations, users, holds }: Context): Promise<void> {
  const { accountIds } = generations;
  if (accountIds.length === 0) return;
  for (const id of await users.filterDisabled(accountIds)) generations.stopAllOf(id);
  generations.stopMany(await holds.toStop());
}
