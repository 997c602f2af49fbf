/** What staff and the command line can do with accounts. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { hashPassword } from '../../auth/passwords.ts';
import { ChitError, invalidField } from '../../core/errors.ts';
import type { User, UserChange, UserFlags } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';
import { userNotice } from '../notices/new-notice.ts';
import { auditEntry, canManage, isProgram, type Principal } from '../principal.ts';
import { makePasswordLink, type OneTimeLink } from './one-time-links.ts';
import { requireGoodPassword } from './password-policy.ts';
import { type NewAccount, openAccount } from './register-user.ts';

/** How long to wait for running generations of a user to end before the user is deleted. */
const POLL_MS = 50;
const MAX_POLLS = 100;
const RANDOM_PASSWORD_BYTES = 32;

/**
 * A user whose account the principal may change.
 * @throws ChitError `user_unknown`, `permission_denied` for a superuser unless the principal is
 *   one, `admin_key_refused` for staff if a program asks
 */
export async function requireManageableUser(
  context: Context,
  principal: Principal,
  id: number,
): Promise<User> {
  const user = await userWith(context, id);
  if (isProgram(principal) && user.isStaff) throw new ChitError('admin_key_refused', undefined);
  if (!canManage(principal, user)) throw new ChitError('permission_denied', undefined);
  return user;
}

/**
 * A user whose ways to sign in the principal may take away.
 * @throws ChitError as `requireManageableUser`; `permission_denied` for staff unless the principal
 *   is a superuser, `own_account`
 */
export async function requireOtherUser(
  context: Context,
  principal: Principal,
  id: number,
): Promise<User> {
  const user = await requireManageableUser(context, principal, id);
  if (user.isStaff && principal.user && !principal.user.isSuperuser) {
    throw new ChitError('permission_denied', undefined);
  }
  if (principal.user?.id === id) throw new ChitError('own_account', undefined);
  return user;
}

/** @throws ChitError `user_unknown` */
export async function userWith(context: Context, id: number): Promise<User> {
  const user = await context.users.byId(id);
  if (!user) throw new ChitError('user_unknown', undefined);
  return user;
}

/**
 * Creates an account.
 * @param wanted without a password, the account gets a random one, and a link to choose another is
 *   returned
 * @throws ChitError `username_taken`, `invalid_fields`, `permission_denied` if the account shall be
 *   staff and the principal is not a superuser
 */
export async function createUser(
  context: Context,
  principal: Principal,
  wanted: {
    readonly username: string;
    readonly password: string | undefined;
    readonly openingCredits: number | undefined;
    readonly isStaff: boolean;
    readonly isSuperuser: boolean;
  },
): Promise<{ readonly user: User; readonly link: OneTimeLink | undefined }> {
  const { username, password, isSuperuser } = wanted;
  const isStaff = wanted.isStaff || isSuperuser;
  if (isStaff) requireRightToMakeStaff(principal);
  if (password !== undefined) await requireGoodPassword(context, { password, username });
  const openingCredits = wanted.openingCredits ?? context.policy.signupCredits;
  const account: NewAccount = {
    username,
    password: password ?? randomBytes(RANDOM_PASSWORD_BYTES).toString('base64url'),
    openingCredits,
    isStaff,
    isSuperuser,
  };
  const { userId } = await openAccount(context, account, {
    audit: (id) =>
      auditEntry(principal, {
        action: 'user.create',
        target: `user:${id}`,
        after: { is_staff: isStaff, is_superuser: isSuperuser, tokens: openingCredits },
      }),
  });
  const link =
    password === undefined ? await passwordLinkFor(context, principal, userId) : undefined;
  return { user: await userWith(context, userId), link };
}

/**
 * Enables or disables a user, or changes the roles of staff. Running generations of a disabled user
 * are stopped: on this server at once, on others within a second.
 * @throws ChitError `user_unknown`, `permission_denied`, `own_account`, `last_superuser`,
 *   `invalid_fields` for a superuser who shall not be staff
 */
export async function changeUser(
  context: Context,
  principal: Principal,
  id: number,
  change: UserChangeRequest,
): Promise<User> {
  if (change.isSuperuser && change.isStaff === false) {
    throw invalidField('is_staff', 'A superuser is always staff.', { code: 'superuser_is_staff' });
  }
  await changeUsers(context, principal, [id], change);
  return userWith(context, id);
}

/**
 * Disables users, all of them or none.
 * @returns how many were enabled before
 * @throws ChitError `user_unknown`, `permission_denied`, `own_account`, `last_superuser`
 */
export function disableUsers(
  context: Context,
  principal: Principal,
  ids: readonly number[],
  reason: string | undefined,
): Promise<number> {
  return changeUsers(context, principal, [...new Set(ids)], { isActive: false, reason });
}

type UserChangeRequest = Partial<UserFlags> & { readonly reason: string | undefined };

/** @returns how many users it changed */
async function changeUsers(
  context: Context,
  principal: Principal,
  ids: readonly number[],
  change: UserChangeRequest,
): Promise<number> {
  for (;;) {
    const changes: UserChange[] = [];
    // In the order of ids, so that two concurrent changes cannot deadlock.
    for (const id of ids.toSorted((a, b) => a - b)) {
      const userChange = await changeOf(context, principal, id, change);
      if (userChange) changes.push(userChange);
    }
    const outcome = changes.length === 0 ? 'changed' : await context.users.change(changes);
    if (outcome === 'last_superuser') throw new ChitError('last_superuser', undefined);
    // Another change came first: check the permission again, against what is stored now.
    if (outcome === 'changed_meanwhile') continue;
    for (const { id, after } of changes)
      if (!after.isActive) {
        context.generations.stopAllOf(id, 'account_disabled');
      }
    return changes.length;
  }
}

/** The change of one user; undefined if nothing would change. */
async function changeOf(
  context: Context,
  principal: Principal,
  id: number,
  change: UserChangeRequest,
): Promise<UserChange | undefined> {
  const before = await requireManageableUser(context, principal, id);
  const after = {
    isActive: change.isActive ?? before.isActive,
    // Superusers are always staff, so who stops being staff stops being a superuser.
    isStaff: change.isSuperuser ? true : (change.isStaff ?? before.isStaff),
    isSuperuser: change.isStaff === false ? false : (change.isSuperuser ?? before.isSuperuser),
  };
  const changesRoles = after.isStaff !== before.isStaff || after.isSuperuser !== before.isSuperuser;
  if (changesRoles) requireRightToMakeStaff(principal);
  if (principal.user?.id === id) throw new ChitError('own_account', undefined);
  if (!changesRoles && after.isActive === before.isActive) return undefined;
  const entry = auditEntry(principal, {
    action: 'user.change',
    target: `user:${id}`,
    reason: change.reason,
    before: facts(before),
    after: facts(after),
  });
  return { id, before, after, entry };
}

/** @throws ChitError `admin_key_refused` for a program, `permission_denied` */
function requireRightToMakeStaff(principal: Principal): void {
  if (isProgram(principal)) throw new ChitError('admin_key_refused', undefined);
  if (principal.user && !principal.user.isSuperuser) {
    throw new ChitError('permission_denied', undefined);
  }
}

function facts({ isActive, isStaff, isSuperuser }: UserFlags) {
  return { is_active: isActive, is_staff: isStaff, is_superuser: isSuperuser };
}

/**
 * Erases a user: personal data is deleted, the transfers stay without a name. Running generations
 * are stopped first; what was delivered is charged.
 * @throws ChitError `user_unknown`, `permission_denied`, `own_account`, `last_superuser`,
 *   `account_busy` if the generations do not end in time
 */
export async function deleteUser(
  context: Context,
  principal: Principal,
  id: number,
  reason: string | undefined,
): Promise<void> {
  if (principal.user?.id === id) throw new ChitError('own_account', undefined);
  for (let polls = 0; polls < MAX_POLLS; polls += 1) {
    // On every poll, since somebody may enable the user again meanwhile.
    const user = await requireManageableUser(context, principal, id);
    if (user.isActive) await changeUser(context, principal, id, { isActive: false, reason });
    const account = await context.ledger.account(id);
    const keys = (await context.apiKeys.of(id)).length;
    const entry = auditEntry(principal, {
      action: 'user.delete',
      target: `user:${id}`,
      reason,
      before: { tokens: account?.postedCredits ?? 0, keys },
    });
    if ((await context.eraseUser(id, entry)) === 'erased') return context.eraseRemains();
    await sleep(POLL_MS);
  }
  throw new ChitError('account_busy', undefined);
}

/**
 * Revokes all sessions of a user; access tokens stop working within a second.
 * @throws ChitError `user_unknown`, `permission_denied`
 */
export async function endSessionsOf(
  context: Context,
  principal: Principal,
  id: number,
): Promise<void> {
  await requireManageableUser(context, principal, id);
  const entry = auditEntry(principal, {
    action: 'user.end_sessions',
    target: `user:${id}`,
  });
  await context.users.endSessions(id, context.now, entry);
}

/**
 * Deletes an API key of a user.
 * @throws ChitError `user_unknown`, `permission_denied`, `api_key_not_found`
 */
export async function endKeyOf(
  context: Context,
  principal: Principal,
  id: number,
  keyId: string,
): Promise<void> {
  await requireManageableUser(context, principal, id);
  const entry = auditEntry(principal, {
    action: 'user.end_key',
    target: `user:${id}`,
    before: { key: keyId },
  });
  const isDeleted = await context.apiKeys.end(id, keyId, context.now(), entry);
  if (!isDeleted) throw new ChitError('api_key_not_found', undefined);
  context.generations.stopAllOfKey(keyId, 'key_ended');
}

/**
 * Makes a one-time link with which a user can choose a new password.
 * @throws ChitError `user_unknown`, `permission_denied`, `directory_password` if a directory alone
 *   checks the password
 */
export async function passwordLinkFor(
  context: Context,
  principal: Principal,
  id: number,
): Promise<OneTimeLink> {
  const isByLdap = (await context.ldapUsers.subjectOf(id)) !== undefined;
  if (isByLdap && context.ldap.current) throw new ChitError('directory_password', undefined);
  for (;;) {
    const link = await makePasswordLink(
      context,
      principal,
      await requireManageableUser(context, principal, id),
    );
    // The user was changed meanwhile, so check the permission again.
    if (link) return link;
  }
}

/**
 * Sets a password and ends all tokens and API keys of the user.
 * @throws ChitError `user_unknown`, `invalid_fields`
 */
export async function setPasswordOf(
  context: Context,
  principal: Principal,
  id: number,
  password: string,
): Promise<void> {
  const { username } = await requireManageableUser(context, principal, id);
  await requireGoodPassword(context, { password, username });
  const hash = await hashPassword(password);
  const entry = auditEntry(principal, { action: 'user.password', target: `user:${id}` });
  const notices = [userNotice('password.new', id, { by: 'staff', address: null })];
  const about = { id, passwordHash: hash, entry, notices };
  const change = { ...about, fromVersion: undefined, endsApiKeys: true };
  await context.users.changePassword(change, context.now);
}
