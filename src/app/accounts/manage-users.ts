/** What staff do with accounts. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { hashPassword } from '../../auth/passwords.ts';
import { ChitError, invalidField } from '../../core/errors.ts';
import type { User, UserChange, UserFlags } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';
import { auditEntry, canManage, type Principal } from '../principal.ts';
import { makePasswordLink, type OneTimeLink } from './one-time-links.ts';
import { requireLongEnough } from './password-policy.ts';
import { openAccount } from './register-user.ts';

/** How long what a user is having written may take to end, before the user is deleted. */
const LOOK_EVERY_MS = 50;
const LOOK_TIMES = 100;
const UNGUESSABLE_BYTES = 32;

/**
 * A user that somebody on the staff may do something to.
 * @throws ChitError `user_unknown`, `permission_denied` for a superuser if `by` is none
 */
export async function requireManageableUser(
  context: Context,
  principal: Principal,
  id: number,
): Promise<User> {
  const user = await userWith(context, id);
  if (!canManage(principal, user)) throw new ChitError('permission_denied', undefined);
  return user;
}

/** @throws ChitError `user_unknown` */
export async function userWith(context: Context, id: number): Promise<User> {
  const user = await context.users.byId(id);
  if (!user) throw new ChitError('user_unknown', undefined);
  return user;
}

/**
 * Makes an account.
 * @param wanted without a password nobody knows it until it is chosen by the link that is returned
 * @throws ChitError `username_taken`, `invalid_fields`, `permission_denied` if somebody who is no
 *   superuser asks for staff
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
  if (isStaff && principal.user && !principal.user.isSuperuser) {
    throw new ChitError('permission_denied', undefined);
  }
  if (password !== undefined) requireLongEnough(context.policy, { password });
  const known = password ?? randomBytes(UNGUESSABLE_BYTES).toString('base64url');
  const openingCredits = wanted.openingCredits ?? context.policy.signupCredits;
  const account = { username, password: known, isStaff, isSuperuser, openingCredits };
  const after = { is_staff: isStaff, is_superuser: isSuperuser, tokens: openingCredits };
  const { userId } = await openAccount(context, account, {
    audit: (id) =>
      auditEntry(context, principal, { action: 'user.create', target: `user:${id}`, after }),
  });
  const link =
    password === undefined ? await passwordLinkFor(context, principal, userId) : undefined;
  return { user: await userWith(context, userId), link };
}

/**
 * Lets a user in or not, gives or takes the flags of staff. What a user who is shut out is having
 * written ends, at this server at once, at others within a second.
 * @throws ChitError `user_unknown`, `permission_denied`, `own_account`, `last_superuser`,
 *   `invalid_fields` if a superuser shall not be on the staff
 */
export async function changeUser(
  context: Context,
  principal: Principal,
  id: number,
  wanted: Wanted,
): Promise<User> {
  if (wanted.isSuperuser && wanted.isStaff === false) {
    throw invalidField('is_staff', 'A superuser is always staff.', { code: 'superuser_is_staff' });
  }
  await changeUsers(context, principal, [id], wanted);
  return userWith(context, id);
}

/**
 * Shuts users out, all of them or none; those who are shut out already count for nothing.
 * @returns how many were
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

type Wanted = Partial<UserFlags> & { readonly reason: string | undefined };

/** @returns how many were not so before */
async function changeUsers(
  context: Context,
  principal: Principal,
  ids: readonly number[],
  wanted: Wanted,
): Promise<number> {
  for (;;) {
    const changes: UserChange[] = [];
    // In the order of ids, so that two such changes never wait for each other.
    for (const id of ids.toSorted((a, b) => a - b)) {
      const change = await changeOf(context, principal, id, wanted);
      if (change) changes.push(change);
    }
    const outcome = changes.length === 0 ? 'changed' : await context.users.change(changes);
    if (outcome === 'last_superuser') throw new ChitError('last_superuser', undefined);
    // Somebody else was faster: whether it may be done is asked again of what there is now.
    if (outcome === 'changed_meanwhile') continue;
    for (const { id, after } of changes) if (!after.isActive) context.generations.stopAllOf(id);
    return changes.length;
  }
}

/** What is to change of a user; undefined if nothing is. */
async function changeOf(
  context: Context,
  principal: Principal,
  id: number,
  wanted: Wanted,
): Promise<UserChange | undefined> {
  const before = await requireManageableUser(context, principal, id);
  const after = {
    isActive: wanted.isActive ?? before.isActive,
    // A superuser is staff; who is staff no more is none either.
    isStaff: wanted.isSuperuser ? true : (wanted.isStaff ?? before.isStaff),
    isSuperuser: wanted.isStaff === false ? false : (wanted.isSuperuser ?? before.isSuperuser),
  };
  const isAboutStaff = after.isStaff !== before.isStaff || after.isSuperuser !== before.isSuperuser;
  if (isAboutStaff && principal.user && !principal.user.isSuperuser) {
    throw new ChitError('permission_denied', undefined);
  }
  if (principal.user?.id === id) throw new ChitError('own_account', undefined);
  if (!isAboutStaff && after.isActive === before.isActive) return undefined;
  const entry = auditEntry(context, principal, {
    action: 'user.change',
    target: `user:${id}`,
    reason: wanted.reason,
    before: facts(before),
    after: facts(after),
  });
  return { id, before, after, entry };
}

function facts({ isActive, isStaff, isSuperuser }: UserFlags) {
  return { is_active: isActive, is_staff: isStaff, is_superuser: isSuperuser };
}

/**
 * Erases a user: everything personal goes, the bookings stay without a name. What is being written
 * for the user ends first and is charged for as far as it came.
 * @throws ChitError `user_unknown`, `permission_denied`, `own_account`, `last_superuser`,
 *   `account_busy` if that does not end soon
 */
export async function deleteUser(
  context: Context,
  principal: Principal,
  id: number,
  reason: string | undefined,
): Promise<void> {
  if (principal.user?.id === id) throw new ChitError('own_account', undefined);
  for (let looks = 0; looks < LOOK_TIMES; looks += 1) {
    // Each time, since somebody may let the user in again meanwhile.
    const user = await requireManageableUser(context, principal, id);
    if (user.isActive) await changeUser(context, principal, id, { isActive: false, reason });
    const account = await context.ledger.account(id);
    const keys = (await context.apiKeys.of(id)).length;
    const before = { tokens: account?.postedCredits ?? 0, keys };
    const deed = { action: 'user.delete', target: `user:${id}`, reason, before } as const;
    if ((await context.eraseUser(id, auditEntry(context, principal, deed))) === 'erased') return;
    await sleep(LOOK_EVERY_MS);
  }
  throw new ChitError('account_busy', undefined);
}

/**
 * Ends every session of a user; access tokens too, within a second.
 * @throws ChitError `user_unknown`, `permission_denied`
 */
export async function endSessionsOf(
  context: Context,
  principal: Principal,
  id: number,
): Promise<void> {
  await requireManageableUser(context, principal, id);
  const entry = auditEntry(context, principal, {
    action: 'user.end_sessions',
    target: `user:${id}`,
  });
  await context.users.endSessions(id, context.now(), entry);
}

/**
 * Ends an API key of a user.
 * @throws ChitError `user_unknown`, `permission_denied`, `api_key_not_found`
 */
export async function endKeyOf(
  context: Context,
  principal: Principal,
  id: number,
  keyId: string,
): Promise<void> {
  await requireManageableUser(context, principal, id);
  const deed = { action: 'user.end_key', target: `user:${id}`, before: { key: keyId } } as const;
  const atMs = context.now();
  const isThere = await context.apiKeys.end(id, keyId, atMs, auditEntry(context, principal, deed));
  if (!isThere) throw new ChitError('api_key_not_found', undefined);
}

/**
 * A link by which a user can choose a new password, once.
 * @throws ChitError `user_unknown`, `permission_denied`
 */
export async function passwordLinkFor(
  context: Context,
  principal: Principal,
  id: number,
): Promise<OneTimeLink> {
  for (;;) {
    const link = await makePasswordLink(
      context,
      principal,
      await requireManageableUser(context, principal, id),
    );
    // Somebody changed the user meanwhile: whether it may be done is asked again.
    if (link) return link;
  }
}

/**
 * Sets a password from the command line and ends all tokens of the user.
 * @throws ChitError `user_unknown`
 */
export async function setPasswordOf(
  context: Context,
  principal: Principal,
  id: number,
  password: string,
): Promise<void> {
  await requireManageableUser(context, principal, id);
  const hash = await hashPassword(password);
  const entry = auditEntry(context, principal, { action: 'user.password', target: `user:${id}` });
  await context.users.changePassword(id, hash, context.now(), entry);
}
