import type { Context } from '../context.ts';

/**
 * Ends what this server is writing and nobody wants any more: for users who are let in no more,
 * whoever shut them out, and what was asked to stop at another server.
 */
export async function stopUnwanted({ running, users, holds }: Context): Promise<void> {
  const ids = running.accountIds;
  if (ids.length === 0) return;
  for (const id of await users.filterDisabled(ids)) running.stopAll(id);
  running.stopAmong(await holds.toStop());
}
