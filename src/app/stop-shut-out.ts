import type { Context } from './context.ts';

/** Ends what runs for users who are let in no more, whoever shut them out. */
export async function stopShutOut({ running, users }: Context): Promise<void> {
  const ids = running.accountIds;
  if (ids.length === 0) return;
  for (const id of await users.shutOutAmong(ids)) running.stopAll(id);
}
