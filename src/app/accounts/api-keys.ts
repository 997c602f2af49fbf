import { hash, randomBytes } from 'node:crypto';
import type { Credits } from '../../core/credits.ts';
import { ChitError, invalidField } from '../../core/errors.ts';
import type { ApiKey } from '../../store/accounts/api-keys.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { userNotice } from '../notices/new-notice.ts';

/** Lets people and secret scanners recognise a key. */
const PREFIX = 'chit_';
/** Has as much entropy as a cipher key, so a fast hash is safe. */
const SECRET_BYTES = 32;
const SHOWN_CHARACTERS = 12;
const MAX_KEYS = 100;

export interface NewApiKey {
  readonly userId: number;
  readonly name: string;
  /** The models that the key may use; undefined for all. */
  readonly models: readonly string[] | undefined;
  /** The most that the key may spend in total; undefined for no budget. */
  readonly budgetCredits: Credits | undefined;
  readonly expiresAtMs: number | undefined;
  /** The group whose pool alone shall pay; undefined for any account of the user. */
  readonly groupId?: string | undefined;
  /** The user's version of the password when the request was admitted; undefined outside of one. */
  readonly passwordVersion?: number;
}

/**
 * Creates a key. The key itself is only returned here: just its hash is stored.
 * @throws ChitError `invalid_fields` for an expiry in the past, an unknown model, or a group that
 *   does not pay for the user,
 *   `too_many_api_keys`, `user_inactive`, `access_token_invalid` if the password was changed
 *   meanwhile
 */
export async function createApiKey(
  context: Context,
  wanted: NewApiKey,
): Promise<{ readonly apiKey: ApiKey; readonly key: string }> {
  const { catalogue, apiKeys, now } = context;
  const { passwordVersion, ...about } = wanted;
  const { userId, models = [], expiresAtMs, groupId } = about;
  if (expiresAtMs !== undefined && expiresAtMs <= now()) {
    throw invalidField('expires_at', 'Must be in the future.', { code: 'not_in_the_future' });
  }
  const unknown = models.find((name) => !catalogue.find(name));
  if (unknown !== undefined) {
    const fault = { code: 'unknown_model', model: unknown } as const;
    throw invalidField('models', `There is no model "${unknown}".`, fault);
  }
  const group = groupId === undefined ? undefined : await payingGroup(context, userId, groupId);
  if ((await apiKeys.of(userId)).length >= MAX_KEYS) {
    throw new ChitError('too_many_api_keys', { most: MAX_KEYS });
  }
  const key = PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
  const apiKey: ApiKey = {
    ...about,
    id: newId(),
    prefix: key.slice(0, SHOWN_CHARACTERS),
    createdAtMs: now(),
    lastUsedAtMs: undefined,
    groupId,
    groupName: group?.groupName,
    spentCredits: 0,
    heldCredits: 0,
  };
  const notice = userNotice('key.new', userId, { name: apiKey.name, prefix: apiKey.prefix });
  const isAdded = await apiKeys.add(apiKey, hashOf(key), [notice], passwordVersion);
  if (isAdded) return { apiKey, key };
  const user = await context.users.byId(userId);
  if (!user?.isActive) throw new ChitError('user_inactive', undefined);
  throw new ChitError('access_token_invalid', { message: 'Token is invalid or expired' });
}

/** @throws ChitError `invalid_fields` */
async function payingGroup(context: Context, userId: number, groupId: string) {
  const payers = await context.requesters.payersOf(userId, context.now());
  const group = payers?.find((it) => it.groupId === groupId);
  if (group) return group;
  const message = 'You are in no such group, or it has no tokens of its own.';
  throw invalidField('group', message, { code: 'unknown_group' });
}

/**
 * Deletes a key of a user, and stops what is being generated for it. Other servers do so within a
 * second, and those that have it cached accept it for as long.
 * @throws ChitError `api_key_not_found`
 */
export async function deleteApiKey(context: Context, userId: number, id: string): Promise<void> {
  const isDeleted = await context.apiKeys.end(userId, id, context.now());
  if (!isDeleted) throw new ChitError('api_key_not_found', undefined);
  context.generations.stopAllOfKey(id, 'key_ended');
}

/** The hash under which a key or a token of a link is stored. */
export function hashOf(key: string): string {
  return hash('sha256', key, 'hex');
}
