/** Links that work once: to make the first superuser, and to choose a new password. */
import { randomBytes } from 'node:crypto';
import { hashPassword } from '../auth/passwords.ts';
import { ChitError } from '../core/errors.ts';
import { type By, entryOf } from './admin/by.ts';
import { hashOf } from './api-keys.ts';
import type { Context } from './context.ts';
import { requireLongEnough } from './password-policy.ts';
import { openAccount } from './register-user.ts';

const SETUP_MS = 30 * 60_000;
const PASSWORD_MS = 24 * 3_600_000;
const TOKEN_BYTES = 32;

/** A link, as a path of the page. The token is behind the `#`, so that no log has it. */
export interface OneTimeLink {
  readonly path: string;
  readonly expiresAtMs: number;
}

/**
 * A link by which whoever has it can make the first superuser; undefined if there is one. It
 * replaces the one before.
 */
export async function makeSetupLink(context: Context): Promise<OneTimeLink | undefined> {
  if (await context.users.hasSuperuser()) return undefined;
  const { token, hash } = newToken();
  const expiresAtMs = context.now() + SETUP_MS;
  await context.oneTimeLinks.replace(hash, { purpose: 'setup' }, expiresAtMs);
  return { path: `/setup#${token}`, expiresAtMs };
}

/** A link by which a user can choose a new password. It replaces the one before. */
export async function makePasswordLink(context: Context, userId: number): Promise<OneTimeLink> {
  const { token, hash } = newToken();
  const expiresAtMs = context.now() + PASSWORD_MS;
  await context.oneTimeLinks.replace(hash, { purpose: 'password', userId }, expiresAtMs);
  return { path: `/reset#${token}`, expiresAtMs };
}

/**
 * Makes the first superuser by the link.
 * @throws ChitError `link_invalid`, `username_taken`, `invalid_fields`
 */
export async function setUp(
  context: Context,
  request: {
    readonly token: string;
    readonly username: string;
    readonly password: string;
    readonly address: string;
  },
): Promise<void> {
  const { token, username, password, address } = request;
  requireLongEnough(context.policy, { password });
  // Looked up before the link is used, so that it is not lost over a name.
  const isTaken = (await context.users.byUsername(username)) !== undefined;
  const hash = hashOf(token);
  if (isTaken) throw new ChitError('username_taken', undefined);
  const link = await context.oneTimeLinks.take(hash, context.now());
  if (link?.purpose !== 'setup' || (await context.users.hasSuperuser())) {
    throw new ChitError('link_invalid', undefined);
  }
  const openingCredits = context.policy.signupCredits;
  const account = { username, password, openingCredits, isStaff: true, isSuperuser: true };
  await openAccount(context, account, {
    audit: (id) => {
      const by: By = { actor: `user:${id}`, address, user: undefined };
      return entryOf(context, by, { action: 'setup.superuser', target: `user:${id}` });
    },
  });
}

/**
 * Sets the password that a user chose by a link, and ends all refresh tokens of the user.
 * @throws ChitError `link_invalid`, `invalid_fields`
 */
export async function choosePassword(
  context: Context,
  request: { readonly token: string; readonly password: string; readonly address: string },
): Promise<void> {
  const { token, password, address } = request;
  requireLongEnough(context.policy, { password });
  const link = await context.oneTimeLinks.take(hashOf(token), context.now());
  if (link?.purpose !== 'password') throw new ChitError('link_invalid', undefined);
  const { userId } = link;
  const by: By = { actor: `user:${userId}`, address, user: undefined };
  const entry = entryOf(context, by, { action: 'user.password', target: `user:${userId}` });
  await context.users.changePassword(userId, await hashPassword(password), context.now(), entry);
}

function newToken(): { token: string; hash: string } {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, hash: hashOf(token) };
}
