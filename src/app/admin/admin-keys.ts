/** Keys with which programs of staff reach the routes of staff. */
import { randomBytes } from 'node:crypto';
import {
  ADMIN_KEY_PREFIX,
  ADMIN_SCOPES,
  type AdminScope,
  DEFAULT_ADMIN_KEY_DAYS,
} from '../../core/admin-scopes.ts';
import { ChitError } from '../../core/errors.ts';
import type { ProofKind } from '../../core/proofs.ts';
import type { User } from '../../store/accounts/users.ts';
import type { AdminKey, ListedAdminKey } from '../../store/admin/admin-keys.ts';
import { hashOf } from '../accounts/api-keys.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { userNotice } from '../notices/new-notice.ts';
import { auditEntry, isProgram, type Principal } from '../principal.ts';

/** Has as much entropy as a cipher key, so a fast hash is safe. */
const SECRET_BYTES = 32;
const SHOWN_CHARACTERS = 18;
/** In force, of one user. */
const MAX_KEYS = 50;
const MOST_LISTED = 1_000;
const DAY_MS = 86_400_000;
/** A key that has expired is still listed for so long, so that whoever misses it finds it. */
const EXPIRED_LISTED_MS = 30 * DAY_MS;

export interface NewAdminKey {
  readonly name: string;
  readonly scopes: readonly AdminScope[];
  /** From now on; by default 90. */
  readonly expiresInDays: number | undefined;
  /** With what whoever makes it has just proved who they are. */
  readonly provedBy: ProofKind | undefined;
}

/**
 * Makes a key of the member of staff who asks. The key itself is only returned here: just its hash
 * is stored.
 * @throws ChitError `admin_key_refused` if a key asks, `too_many_admin_keys`,
 *   `access_token_invalid` if the password was changed or the user disabled meanwhile
 */
export async function createAdminKey(
  context: Context,
  principal: Principal & { readonly user: User },
  wanted: NewAdminKey,
): Promise<{ readonly adminKey: ListedAdminKey; readonly key: string }> {
  if (isProgram(principal)) throw new ChitError('admin_key_refused', undefined);
  const { user } = principal;
  const { name, expiresInDays = DEFAULT_ADMIN_KEY_DAYS, provedBy } = wanted;
  const key = ADMIN_KEY_PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
  const createdAtMs = context.now();
  const adminKey: AdminKey = {
    id: newId(),
    userId: user.id,
    name,
    prefix: key.slice(0, SHOWN_CHARACTERS),
    // Each once, in the order of the list, whatever the request's was.
    scopes: ADMIN_SCOPES.filter((it) => wanted.scopes.includes(it)),
    createdAtMs,
    expiresAtMs: createdAtMs + expiresInDays * DAY_MS,
    lastUsedAtMs: undefined,
    endedAtMs: undefined,
    provedBy,
  };
  const entry = auditEntry(principal, {
    action: 'key.create',
    target: `key:${adminKey.id}`,
    after: {
      name,
      scopes: adminKey.scopes.join(' '),
      expires_at: new Date(adminKey.expiresAtMs).toISOString(),
    },
  });
  const outcome = await context.adminKeys.add(adminKey, {
    secretHash: hashOf(key),
    passwordVersion: user.passwordVersion,
    most: MAX_KEYS,
    entry,
    // Whoever has taken over a session cannot make one unnoticed.
    notices: [
      userNotice('key.new', user.id, {
        name,
        prefix: adminKey.prefix,
        scopes: adminKey.scopes,
      }),
    ],
  });
  if (outcome === 'too_many') throw new ChitError('too_many_admin_keys', { most: MAX_KEYS });
  if (outcome === 'user_changed') {
    throw new ChitError('access_token_invalid', { message: 'Token is invalid or expired' });
  }
  return { adminKey: { ...adminKey, username: user.username }, key };
}

/** The keys that are in force or expired lately: one's own, and for superusers those of all. */
export function listAdminKeys(context: Context, principal: Principal): Promise<ListedAdminKey[]> {
  const { user } = principal;
  return context.adminKeys.list({
    userId: !user || user.isSuperuser ? undefined : user.id,
    expiresAfterMs: context.now() - EXPIRED_LISTED_MS,
    limit: MOST_LISTED,
  });
}

/**
 * Ends a key: on all servers within a second. One's own; superusers and the command line end any.
 * @throws ChitError `admin_key_refused` if a key asks, `admin_key_not_found`
 */
export async function endAdminKey(
  context: Context,
  principal: Principal,
  id: string,
): Promise<ListedAdminKey> {
  if (isProgram(principal)) throw new ChitError('admin_key_refused', undefined);
  const { user } = principal;
  const key = await context.adminKeys.find(id);
  const mayEnd = key && (!user || user.isSuperuser || user.id === key.userId);
  const entry = auditEntry(principal, { action: 'key.end', target: `key:${id}` });
  if (!mayEnd || !(await context.adminKeys.end(id, entry))) {
    throw new ChitError('admin_key_not_found', undefined);
  }
  return key;
}
