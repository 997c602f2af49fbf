/** Links that work once: to make the first superuser, and to choose a new password. */
import { randomBytes } from 'node:crypto';
import { hashPassword } from '../../auth/passwords.ts';
import { ChitError } from '../../core/errors.ts';
import type { User } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { hashOf } from './api-keys.ts';
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
  await context.oneTimeLinks.replaceSetup(hash, expiresAtMs);
  return { path: `/setup#${token}`, expiresAtMs };
}

/**
 * A link by which a user can choose a new password, which is logged. It replaces the one before.
 * @param user as it was when it was decided that there may be a link
 * @returns undefined, with no link made, if the user is another meanwhile or gone
 */
export async function makePasswordLink(
  context: Context,
  principal: Principal,
  user: User,
): Promise<OneTimeLink | undefined> {
  const { token, hash } = newToken();
  const expiresAtMs = context.now() + PASSWORD_MS;
  const deed = { action: 'user.password_link', target: `user:${user.id}` } as const;
  const entry = auditEntry(context, principal, deed);
  const isKept = await context.oneTimeLinks.replaceForPassword(hash, user, expiresAtMs, entry);
  return isKept ? { path: `/reset#${token}`, expiresAtMs } : undefined;
}

/**
 * Makes the first superuser by the link: an account first, which becomes one as the link ends. If
 * another link was made meanwhile, by a server that starts, it stays an account like any other.
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
  const { oneTimeLinks, users, policy, now } = context;
  const isTaken = (await users.byUsername(username)) !== undefined;
  if (isTaken) throw new ChitError('username_taken', undefined);
  if (await users.hasSuperuser()) throw new ChitError('link_invalid', undefined);
  // With a token that nobody else knows, so that nobody uses the link while the account is made.
  const [given, ours] = [hashOf(token), newToken().hash];
  const isOurs = await oneTimeLinks.changeSetup({ from: given, to: ours }, now());
  if (!isOurs) throw new ChitError('link_invalid', undefined);
  const flags = { isStaff: false, isSuperuser: false };
  const account = { username, password, openingCredits: policy.signupCredits, ...flags };
  try {
    const { userId } = await openAccount(context, account, {});
    const principal: Principal = { actor: `user:${userId}`, address, user: undefined };
    const entry = auditEntry(context, principal, {
      action: 'setup.superuser',
      target: `user:${userId}`,
    });
    const isDone = await oneTimeLinks.endSetup(ours, userId, entry);
    if (!isDone) throw new ChitError('link_invalid', undefined);
  } catch (error) {
    // The link is not lost over what went wrong; where it was used, there is none to give back.
    await oneTimeLinks.changeSetup({ from: ours, to: given }, now()).catch(() => false);
    throw error;
  }
}

/**
 * Sets the password that a user chose by a link, and ends all tokens of the user.
 * @throws ChitError `link_invalid`, `invalid_fields`
 */
export async function choosePassword(
  context: Context,
  request: { readonly token: string; readonly password: string; readonly address: string },
): Promise<void> {
  const { token, password, address } = request;
  requireLongEnough(context.policy, { password });
  const userId = await context.oneTimeLinks.takeForPassword(hashOf(token), context.now());
  if (userId === undefined) throw new ChitError('link_invalid', undefined);
  const principal: Principal = { actor: `user:${userId}`, address, user: undefined };
  const entry = auditEntry(context, principal, {
    action: 'user.password',
    target: `user:${userId}`,
  });
  await context.users.changePassword(userId, await hashPassword(password), context.now(), entry);
}

function newToken(): { token: string; hash: string } {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, hash: hashOf(token) };
}
