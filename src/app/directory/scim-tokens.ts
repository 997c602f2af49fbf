/** Tokens with which a directory calls the SCIM API. Superusers and the command line make them. */
import { randomBytes } from 'node:crypto';
import { ChitError, invalidField } from '../../core/errors.ts';
import type { ScimToken } from '../../store/directory/scim-tokens.ts';
import { hashOf } from '../accounts/api-keys.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { auditEntry, type Principal } from '../principal.ts';

/** Lets people and secret scanners recognise a token. */
const PREFIX = 'chit_scim_';
/** Has as much entropy as a cipher key, so a fast hash is safe. */
const SECRET_BYTES = 32;
const SHOWN_CHARACTERS = 17;
/** The time of last use is shown to people, who do not need seconds. */
const NOTE_USE_EVERY_MS = 60_000;
const MOST_LISTED = 1_000;

/**
 * Makes a token. It is only returned here: just its hash is stored.
 * @param wanted `expiresAtMs` is undefined for a token that lasts until it is ended
 * @throws ChitError `permission_denied` unless a superuser or the command line asks,
 *   `invalid_fields` for an expiry in the past, `scim_token_name_taken`
 */
export async function createScimToken(
  context: Context,
  principal: Principal,
  wanted: { readonly name: string; readonly expiresAtMs: number | undefined },
): Promise<{ readonly scimToken: ScimToken; readonly token: string }> {
  requireSuperuser(principal);
  const { expiresAtMs } = wanted;
  const nowMs = context.now();
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) {
    throw invalidField('expires_at', 'Must be in the future.', { code: 'not_in_the_future' });
  }
  const token = PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
  const scimToken: ScimToken = {
    id: newId(),
    name: wanted.name.trim(),
    prefix: token.slice(0, SHOWN_CHARACTERS),
    madeBy: principal.actor,
    createdAtMs: nowMs,
    expiresAtMs,
    lastUsedAtMs: undefined,
  };
  const entry = auditEntry(principal, {
    action: 'scim_token.create',
    target: `scim_token:${scimToken.id}`,
    after: {
      name: scimToken.name,
      expires_at: expiresAtMs === undefined ? null : new Date(expiresAtMs).toISOString(),
    },
  });
  if (await context.scimTokens.add(scimToken, hashOf(token), entry)) return { scimToken, token };
  throw new ChitError('scim_token_name_taken', undefined);
}

/**
 * The tokens that have not ended, newest first.
 * @throws ChitError `permission_denied`
 */
export async function listScimTokens(
  context: Context,
  principal: Principal,
): Promise<readonly ScimToken[]> {
  requireSuperuser(principal);
  return context.scimTokens.all(MOST_LISTED);
}

/**
 * Ends a token: the next request with it is refused.
 * @throws ChitError `permission_denied`, `scim_token_not_found`
 */
export async function endScimToken(
  context: Context,
  principal: Principal,
  id: string,
): Promise<void> {
  requireSuperuser(principal);
  const token = await context.scimTokens.byId(id);
  const entry = auditEntry(principal, {
    action: 'scim_token.end',
    target: `scim_token:${id}`,
    before: { name: token?.name ?? null },
  });
  if (token && (await context.scimTokens.end(id, entry))) return;
  throw new ChitError('scim_token_not_found', undefined);
}

/**
 * The directory that calls with a token. Nothing is cached, so that a token ends at once.
 * @param address the client's, for the audit log
 * @throws ChitError `scim_token_invalid`
 */
export async function directoryWith(
  context: Context,
  token: string,
  address: string,
): Promise<Principal> {
  // Others, such as users' access tokens, are not even looked up.
  const found = token.startsWith(PREFIX)
    ? await context.scimTokens.byHash(hashOf(token))
    : undefined;
  const nowMs = context.now();
  const isExpired = found?.expiresAtMs !== undefined && found.expiresAtMs <= nowMs;
  if (!found || isExpired) throw new ChitError('scim_token_invalid', undefined);
  if (Math.abs(nowMs - (found.lastUsedAtMs ?? 0)) >= NOTE_USE_EVERY_MS) {
    await context.scimTokens.noteUse(found.id, nowMs);
  }
  return { actor: `scim:${found.name}`, address, user: undefined };
}

/** A token can make and disable accounts, which is more than staff alone should hand out. */
function requireSuperuser({ user }: Principal): void {
  if (user && !user.isSuperuser) throw new ChitError('permission_denied', undefined);
}
