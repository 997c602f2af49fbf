import { createHash, randomBytes } from 'node:crypto';
import type { Credits } from '../../core/credits.ts';
import { ChitError, invalidField } from '../../core/errors.ts';
import type { ApiKey } from '../../store/accounts/api-keys.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';

/** By which people, and tools that look for lost secrets, know what it is. */
const MARK = 'chit_';
/** As hard to guess as the key of a cipher, so a fast hash keeps it safe. */
const SECRET_BYTES = 32;
const PREFIX_CHARACTERS = 12;
const MOST_KEYS = 100;

export interface NewApiKey {
  readonly userId: number;
  readonly name: string;
  /** The models that it may use; undefined for all. */
  readonly models: readonly string[] | undefined;
  /** The most that it may ever spend; undefined for all that the account has. */
  readonly budgetCredits: Credits | undefined;
  readonly expiresAtMs: number | undefined;
}

/**
 * Makes a key. It is told here, once: only its hash is kept.
 * @throws ChitError `invalid_fields` for an expiry that is over or a model that is not offered,
 *   `too_many_api_keys`
 */
export async function createApiKey(
  context: Context,
  wanted: NewApiKey,
): Promise<{ readonly apiKey: ApiKey; readonly key: string }> {
  const { catalogue, apiKeys, now } = context;
  const { userId, models = [], expiresAtMs } = wanted;
  if (expiresAtMs !== undefined && expiresAtMs <= now()) {
    throw invalidField('expires_at', 'Must be in the future.', { code: 'not_in_the_future' });
  }
  const unknown = models.find((name) => !catalogue.find(name));
  if (unknown !== undefined) {
    const fault = { code: 'unknown_model', model: unknown } as const;
    throw invalidField('models', `There is no model "${unknown}".`, fault);
  }
  if ((await apiKeys.of(userId)).length >= MOST_KEYS) {
    throw new ChitError('too_many_api_keys', { most: MOST_KEYS });
  }
  const key = MARK + randomBytes(SECRET_BYTES).toString('base64url');
  const prefix = key.slice(0, PREFIX_CHARACTERS);
  const kept = { id: newId(), prefix, createdAtMs: now(), lastUsedAtMs: undefined };
  const apiKey = { ...wanted, ...kept, spentCredits: 0, heldCredits: 0 };
  const isAdded = await apiKeys.add(apiKey, hashOf(key));
  if (!isAdded) throw new ChitError('user_inactive', undefined);
  return { apiKey, key };
}

/**
 * Ends a key of a user. Servers that know it already take it for another second.
 * @throws ChitError `api_key_not_found`
 */
export async function deleteApiKey(context: Context, userId: number, id: string): Promise<void> {
  const isThere = await context.apiKeys.end(userId, id, context.now());
  if (!isThere) throw new ChitError('api_key_not_found', undefined);
}

/** What is kept of a key. */
export function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
