/** What a directory does with users by SCIM. */
import { unusableHash } from '../../auth/passwords.ts';
import { ChitError, hasCode } from '../../core/errors.ts';
import {
  directoryNameKey,
  MOST_USER_NAME,
  type ScimUserChange,
  type ScimUserFilter,
} from '../../core/scim.ts';
import type { User } from '../../store/accounts/users.ts';
import type { LinkOutcome, ScimPage, ScimUser } from '../../store/directory/scim-users.ts';
import { identityNotice } from '../accounts/identity-notice.ts';
import { changeUser } from '../accounts/manage-users.ts';
import type { Context } from '../context.ts';
import { openByInvitation, takeInvitation } from '../invitations/arrive-invited.ts';
import { tellEarlier } from '../notices/email-address.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { openWithoutPassword } from './open-without-password.ts';
import { scimRefusal } from './scim-refusal.ts';

/** A user as a directory wants it to be. */
export type WantedScimUser = ScimUserChange & { readonly userName: string };

/**
 * Makes an account for a user of the directory, without a password that anybody could use. An
 * account that is there already is adopted if it has exactly this username, or has verified this
 * e-mail address; never one of staff.
 * @throws ChitError `scim_refused` if the name or the address is taken or the account is of staff,
 *   `invalid_fields` for a name that no account can have
 */
export async function createScimUser(
  context: Context,
  principal: Principal,
  wanted: WantedScimUser,
): Promise<ScimUser> {
  const { userName } = wanted;
  requireLength(userName);
  if (await context.scimUsers.byName(userName)) throw refusalOf('name_taken');
  const adopted = await adoptable(context, wanted);
  const isMade = adopted === undefined;
  const userId =
    adopted?.id ??
    (await openIfInvited(context, principal, wanted)) ??
    (await openFor(context, principal, userName));
  const entry = isMade
    ? undefined
    : auditEntry(principal, {
        action: 'user.directory',
        target: `user:${userId}`,
        after: { adopted: true },
      });
  const told = { by: 'scim', names: null, address: null } as const;
  const notices = isMade ? [] : [await identityNotice(context, userId, told)];
  const at = { isMade, atMs: context.now(), entry, notices };
  const outcome = await context.scimUsers.link(userId, wanted, at);
  if (outcome !== 'linked') throw refusalOf(outcome);
  if (adopted && wanted.email) {
    await takeInvitation(context, principal, userId, { email: wanted.email });
  }
  await setActive(context, principal, await scimUser(context, userId), wanted.active);
  return scimUser(context, userId);
}

/**
 * Changes a user. The username of the account stays, whatever the directory calls the user, and so
 * does the e-mail address of staff: with it, a directory could take the account over.
 * @throws ChitError `user_unknown`, `scim_refused`, `last_superuser`
 */
export async function changeScimUser(
  context: Context,
  principal: Principal,
  userId: number,
  change: ScimUserChange,
): Promise<ScimUser> {
  const before = await scimUser(context, userId);
  if (change.userName !== undefined) requireLength(change.userName);
  const { active, email, ...rest } = change;
  const kept: ScimUserChange = before.isStaff || email === undefined ? rest : { ...rest, email };
  if (Object.keys(kept).length > 0) {
    const outcome = await context.scimUsers.change(userId, kept, {
      atMs: context.now(),
      entryOf: () =>
        auditEntry(principal, {
          action: 'user.directory',
          target: `user:${userId}`,
          after: { email_changed: true },
        }),
      tellEarlier: tellEarlier(userId, email ?? null),
    });
    if (outcome === undefined) throw new ChitError('user_unknown', undefined);
    if (outcome !== 'linked') throw refusalOf(outcome);
  }
  await setActive(context, principal, before, active);
  return scimUser(context, userId);
}

/**
 * Disables the account of a user that the directory deletes; what it has and what was booked stays.
 * @throws ChitError `user_unknown`, `last_superuser`
 */
export async function removeScimUser(
  context: Context,
  principal: Principal,
  userId: number,
): Promise<void> {
  await setActive(context, principal, await scimUser(context, userId), false);
  const entry = auditEntry(principal, {
    action: 'user.directory',
    target: `user:${userId}`,
    after: { removed: true },
  });
  const isRemoved = await context.scimUsers.remove(userId, entry);
  if (!isRemoved) throw new ChitError('user_unknown', undefined);
}

/** @throws ChitError `user_unknown` */
export async function scimUser({ scimUsers }: Context, userId: number): Promise<ScimUser> {
  const user = await scimUsers.byId(userId);
  if (!user) throw new ChitError('user_unknown', undefined);
  return user;
}

/** A part of the list of users. @throws ChitError what `HeavyReads` throws */
export function listScimUsers(
  context: Context,
  { actor }: Principal,
  filter: ScimUserFilter,
  page: ScimPage,
) {
  return context.heavyReads.run(actor, () => context.scimUsers.page(filter, page));
}

/** The account to adopt; undefined if one has to be made. */
async function adoptable(context: Context, wanted: WantedScimUser): Promise<User | undefined> {
  const named = await context.users.byUsername(wanted.userName);
  const owner = named || !wanted.email ? undefined : await context.emails.ownerOf(wanted.email);
  const account = named ?? (owner === undefined ? undefined : await context.users.byId(owner));
  if (account?.isStaff) {
    throw scimRefusal(
      'uniqueness',
      'This name or e-mail address belongs to a member of staff of this site. A directory cannot ' +
        'take over accounts of staff.',
    );
  }
  return account;
}

function openIfInvited(
  context: Context,
  principal: Principal,
  { userName: username, email }: WantedScimUser,
): Promise<number | undefined> {
  const wanted = {
    opening: `scim:${directoryNameKey(username)}`,
    passwordHash: unusableHash(),
    usernames: [username],
  };
  return openByInvitation(context, principal, { email: email ?? undefined, username }, wanted);
}

async function openFor(context: Context, principal: Principal, username: string): Promise<number> {
  try {
    return await openWithoutPassword(context, principal, username);
  } catch (error) {
    if (hasCode(error, 'username_taken')) throw refusalOf('name_taken');
    throw error;
  }
}

/** A directory enables only what it has disabled: what staff disabled stays so until they say. */
async function setActive(
  context: Context,
  principal: Principal,
  user: ScimUser,
  active: boolean | undefined,
): Promise<void> {
  if (active === undefined || active === user.isActive) return;
  if (active && user.disabledAtMs === undefined) return;
  await changeUser(context, principal, user.userId, { isActive: active, reason: undefined });
}

function requireLength(userName: string): void {
  if ([...userName].length <= MOST_USER_NAME) return;
  throw scimRefusal('invalidValue', `userName can have ${MOST_USER_NAME} characters at most.`);
}

function refusalOf(outcome: Exclude<LinkOutcome, 'linked'>): ChitError {
  return outcome === 'email_taken'
    ? scimRefusal('uniqueness', 'Another account has this e-mail address.')
    : scimRefusal(
        'uniqueness',
        'There is a user with this name, or with one that is too similar to tell apart.',
      );
}
