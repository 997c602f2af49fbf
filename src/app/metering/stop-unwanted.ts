import type { Context } from '../context.ts';

/**
 * Stops what this server is generating and nobody may have any more: of users who were disabled, of
 * API keys that were deleted or have expired, and what another server was asked to stop.
 */
export async function stopUnwanted(context: Context): Promise<void> {
  const { generations, users, apiKeys, holds, now } = context;
  const { accountIds, apiKeyIds } = generations;
  if (accountIds.length === 0) return;
  for (const id of await users.filterDisabled(accountIds)) {
    generations.stopAllOf(id, 'account_disabled');
  }
  for (const id of apiKeyIds.length > 0 ? await apiKeys.filterEnded(apiKeyIds, now()) : []) {
    generations.stopAllOfKey(id, 'key_ended');
  }
  generations.stopMany(await holds.toStop(), 'stopped');
}
