/** One-time links: for creating the first superuser, and for choosing a new password. */
import { randomBytes } from 'node:crypto';
import { sourceOf } from '../../auth/attempt-limits.ts';
import { hashPassword } from '../../auth/passwords.ts';
import { ChitError } from '../../core/errors.ts';
import type { User } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';
import { userNotice } from '../notices/new-notice.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { hashOf } from './api-keys.ts';
import { requireGoodPassword } from './password-policy.ts';
import { type NewAccount, openAccount } from './register-user.ts';

const SETUP_MS = 30 * 60_000;
const PASSWORD_MS = 24 * 3_600_000;
const TOKEN_BYTES = 32;

/** A link, as a path of the page. The token is in the fragment, so it never appears in logs. */
export interface OneTimeLink {
  readonly path: string;
  readonly expiresAtMs: number;
}

/**
 * Makes a link with which anyone can create the first superuser. It replaces the previous link.
 * @returns undefined if there is a superuser
 */
export async function makeSetupLink(context: Context): Promise<OneTimeLink | undefined> {
  if (await context.users.hasSuperuser()) return undefined;
  const { token, hash } = newToken();
  const expiresAtMs = context.now() + SETUP_MS;
  await context.oneTimeLinks.replaceSetup(hash, expiresAtMs);
  return { path: `/setup#${token}`, expiresAtMs };
}

/**
 * Makes a link with which a user can choose a new password. It replaces the previous link.
 * @param user as it was when the principal's permission was checked
 * @returns undefined, and no link is made, if the user has changed since or is gone
 */
export async function makePasswordLink(
  context: Context,
  principal: Principal,
  user: User,
): Promise<OneTimeLink | undefined> {
  const { token, hash } = newToken();
  const expiresAtMs = context.now() + PASSWORD_MS;
  const entry = auditEntry(principal, {
    action: 'user.password_link',
    target: `user:${user.id}`,
  });
  const { actor } = principal;
  const link = { tokenHash: hash, expiresAtMs, madeBy: actor, madeAtMs: entry.atMs };
  const notices = [userNotice('password_link.new', user.id, { until_ms: expiresAtMs })];
  const isKept = await context.oneTimeLinks.replaceForPassword(link, user, { entry, notices });
  return isKept ? { path: `/reset#${token}`, expiresAtMs } : undefined;
}

/**
 * Creates the first superuser by a setup link: first an ordinary account, which is promoted when
 * the link is used up. If a starting server has replaced the link meanwhile, it stays ordinary.
 * @returns the id of the superuser
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
): Promise<number> {
  const { token, username, password, address } = request;
  await requireGoodPassword(context, { password, username });
  const { oneTimeLinks, users, policy, now } = context;
  if (await users.hasSuperuser()) throw new ChitError('link_invalid', undefined);
  // Swaps the token for a secret one, so that nobody uses the link while the account is opened.
  const [given, ours] = [hashOf(token), newToken().hash];
  const isOurs = await oneTimeLinks.changeSetup({ from: given, to: ours }, now());
  if (!isOurs) throw new ChitError('link_invalid', undefined);
  const account: NewAccount = {
    username,
    password,
    openingCredits: policy.signupCredits,
    isStaff: false,
    isSuperuser: false,
  };
  try {
    // Only who has the link may learn which names exist.
    const isTaken = (await users.byUsername(username)) !== undefined;
    if (isTaken) throw new ChitError('username_taken', undefined);
    const { userId } = await openAccount(context, account, { source: sourceOf(address) });
    const principal: Principal = { actor: `user:${userId}`, address, user: undefined };
    const entry = auditEntry(principal, {
      action: 'setup.superuser',
      target: `user:${userId}`,
    });
    const isDone = await oneTimeLinks.endSetup(ours, userId, entry);
    if (!isDone) throw new ChitError('link_invalid', undefined);
    return userId;
  } catch (error) {
    // Restores the link, so that it can be tried again; does nothing if it was used up.
    await oneTimeLinks.changeSetup({ from: ours, to: given }, now()).catch(() => false);
    throw error;
  }
}

/**
 * Sets the password that a user chose by a link, and ends all tokens and API keys of the user: who
 * had them need not be the user. The link is used up in the same transaction, so a link that is
 * replaced or ended while the password is being hashed does nothing.
 * @returns the id of the user
 * @throws ChitError `link_invalid`, `invalid_fields`
 */
export async function choosePassword(
  context: Context,
  request: { readonly token: string; readonly password: string; readonly address: string },
): Promise<number> {
  const { token, password, address } = request;
  const { oneTimeLinks, now } = context;
  const tokenHash = hashOf(token);
  // Looked up first, so that nobody without a link makes the server hash.
  const link = await oneTimeLinks.forPassword(tokenHash, now());
  if (!link) throw new ChitError('link_invalid', undefined);
  const { userId, username, madeBy, madeAtMs, isFirst } = link;
  await requireGoodPassword(context, { password, username });
  const madeAt = madeAtMs === undefined ? null : new Date(madeAtMs).toISOString();
  const principal: Principal = { actor: `user:${userId}`, address, user: undefined };
  const entry = auditEntry(principal, {
    action: 'user.password',
    target: `user:${userId}`,
    after: { link_made_by: madeBy ?? null, link_made_at: madeAt, is_first: isFirst },
  });
  const passwordHash = await hashPassword(password, sourceOf(address));
  const notices = [userNotice('password.new', userId, { by: 'link', address })];
  const change = { userId, passwordHash, entry, notices };
  const isUsed = await oneTimeLinks.useForPassword(tokenHash, change, now);
  if (!isUsed) throw new ChitError('link_invalid', undefined);
  return userId;
}

function newToken(): { token: string; hash: string } {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, hash: hashOf(token) };
}
