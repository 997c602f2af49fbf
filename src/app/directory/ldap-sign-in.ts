/** Signing in with a password that an LDAP directory checks. */
import type { LdapPerson } from '../../auth/ldap/ldap-directory.ts';
import { type HashSource, unusableHash } from '../../auth/passwords.ts';
import { ChitError, hasCode } from '../../core/errors.ts';
import type { LdapSettings } from '../../core/ldap.ts';
import { MOST_USER_NAME } from '../../core/scim.ts';
import type { User, UserWithPassword } from '../../store/accounts/users.ts';
import { identityNotice } from '../accounts/identity-notice.ts';
import { changeUser } from '../accounts/manage-users.ts';
import type { Context } from '../context.ts';
import { addMembers, removeMembers } from '../groups/manage-groups.ts';
import { openByInvitation, takeInvitation } from '../invitations/arrive-invited.ts';
import { tellEarlier } from '../notices/email-address.ts';
import type { Principal } from '../principal.ts';
import { openWithoutPassword } from './open-without-password.ts';

/** What a directory brings with it is done in its name. */
const DIRECTORY: Principal = { actor: 'ldap:directory', address: undefined, user: undefined };

/**
 * Whether the directory alone checks the password of a user: of those who have signed in by it, and
 * of those whom a directory made by SCIM and who never chose a password here. Somebody with a
 * password of this site is never looked up in the directory: whoever can add entries there could
 * otherwise take over any account here by its name.
 */
export async function isOfLdap(
  context: Context,
  user: Pick<User, 'id' | 'passwordVersion'>,
): Promise<boolean> {
  if (!context.ldap.current) return false;
  if ((await context.ldapUsers.subjectOf(user.id)) !== undefined) return true;
  return isOnlyOfDirectories(context, user);
}

/**
 * Checks a password by the directory.
 * @param given see `LdapDirectory.signIn`
 * @returns the user; undefined if the directory does not know the name or the password is wrong, or
 *   the account is disabled
 * @throws ChitError `directory_unavailable`, `directory_no_account`, `throttled`, `overloaded`
 */
export async function userByLdap(
  context: Context,
  given: {
    readonly who: { readonly username: string } | { readonly subject: string };
    readonly password: string;
  },
  source: HashSource,
): Promise<UserWithPassword | undefined> {
  const directory = context.ldap.current;
  if (!directory) return undefined;
  await source.admit?.();
  const person = await directory.signIn(given.who, given.password, source);
  if (!person) return undefined;
  const { settings } = directory;
  const userId = await accountOf(context, person, settings);
  const user = await context.users.withPassword(userId);
  if (!user?.isActive) return undefined;
  context.ldapChecks.note(userId, context.now());
  await keepEmail(context, user, person.email);
  await keepGroups(context, user, person, settings);
  await keepRole(context, user, person, settings);
  return context.users.withPassword(userId);
}

/** The id of the account that an entry signs in to. @throws ChitError `directory_no_account` */
async function accountOf(
  context: Context,
  person: LdapPerson,
  { createsAccounts }: LdapSettings,
): Promise<number> {
  const { subject, username = '', email } = person;
  const known = await context.ldapUsers.userOf(subject);
  if (known !== undefined) {
    await takeInvitation(context, DIRECTORY, known, { email });
    return known;
  }
  const named = await context.users.byUsername(username);
  const invited = named ? undefined : await openIfInvited(context, person);
  if (!named && invited === undefined && !createsAccounts) throw noAccount();
  const userId =
    invited ?? (named ? await idIfOfDirectories(context, named) : await openFor(context, username));
  if (named) await takeInvitation(context, DIRECTORY, userId, { email });
  const told = { by: 'ldap', names: null, address: null } as const;
  const notices = named ? [await identityNotice(context, userId, told)] : [];
  if (await context.ldapUsers.link(userId, subject, context.now(), notices)) return userId;
  // Somebody else did at the same time: the same person, or another one of the same name.
  const linked = await context.ldapUsers.userOf(subject);
  if (linked === undefined) throw noAccount();
  return linked;
}

function openIfInvited(
  context: Context,
  { subject, username, email }: LdapPerson,
): Promise<number | undefined> {
  const wanted = {
    opening: `ldap:${subject}`,
    passwordHash: unusableHash(),
    usernames: username === undefined || isTooLong(username) ? [] : [username],
  };
  return openByInvitation(context, DIRECTORY, { email, username }, wanted);
}

async function openFor(context: Context, username: string): Promise<number> {
  if (username.trim() === '' || isTooLong(username)) throw noAccount();
  try {
    return await openWithoutPassword(context, DIRECTORY, username);
  } catch (error) {
    const isRefused = hasCode(error, 'username_taken') || hasCode(error, 'invalid_fields');
    if (!isRefused) throw error;
    // Two sign-ins at once: the other one has opened it.
    const opened = await context.users.byUsername(username);
    if (!opened) throw noAccount();
    return idIfOfDirectories(context, opened);
  }
}

/** @throws ChitError `directory_no_account` for one of staff, or that others had a part in */
async function idIfOfDirectories(context: Context, user: User): Promise<number> {
  const isFree = !user.isStaff && (await isOnlyOfDirectories(context, user));
  if (!isFree) throw noAccount();
  return user.id;
}

/**
 * Whether only directories have had a part in an account: SCIM made it, or a sign-in by LDAP, which
 * has perhaps not linked it, since it was broken off or is just about to; and nobody chose a
 * password or came by a provider.
 */
export async function isOnlyOfDirectories(
  context: Context,
  { id, passwordVersion }: Pick<User, 'id' | 'passwordVersion'>,
): Promise<boolean> {
  if (passwordVersion !== 0) return false;
  // Whoever comes by a provider is nobody whom an entry of the same name may be.
  if ((await context.identities.of(id)).length > 0) return false;
  if (await context.scimUsers.isMade(id)) return true;
  const event = { action: 'user.create', target: `user:${id}` } as const;
  const [creation] = await context.auditLog.newestOf(event, 1);
  return creation?.actor === DIRECTORY.actor;
}

/**
 * A directory vouches for addresses, but not for those of staff: see `changeScimUser`. One that its
 * user has confirmed stays so.
 */
async function keepEmail(context: Context, user: User, email: string | undefined): Promise<void> {
  if (email === undefined || user.isStaff) return;
  const before = await context.emails.of(user.id);
  if (before?.email === email && before.verifiedAtMs !== undefined) return;
  // If somebody else has verified it, the user stays without.
  await context.emails.vouch(user.id, email, {
    atMs: context.now(),
    isOpening: false,
    tellEarlier: tellEarlier(user.id, email),
  });
}

/**
 * Lets the user into the groups of the directory, and out of those that it takes away, of the
 * groups that `chit.json` maps. Managers stay managers.
 */
async function keepGroups(
  context: Context,
  user: User,
  person: LdapPerson,
  { groups }: LdapSettings,
): Promise<void> {
  for (const name of new Set(groups.values())) {
    const group = await context.groups.byName(name);
    // One that staff have not made yet, or that has ended.
    if (!group) continue;
    const shallBeIn = [...groups].some(([dn, of]) => of === name && person.groups.has(dn));
    const isIn = (await context.groups.roleIn(group.id, user.id)) !== undefined;
    if (shallBeIn === isIn) continue;
    if (shallBeIn) {
      const users = [{ id: user.id }];
      await addMembers(context, DIRECTORY, group.id, { users, isManager: false });
    } else {
      await removeMembers(context, DIRECTORY, group.id, [user.id]);
    }
  }
}

/** Makes staff of members of the groups for it, and no longer staff of others; not superusers. */
async function keepRole(
  context: Context,
  user: User,
  person: LdapPerson,
  { staff }: LdapSettings,
): Promise<void> {
  if (staff === undefined || user.isSuperuser) return;
  const isStaff = [...staff].some((it) => person.groups.has(it));
  if (isStaff === user.isStaff) return;
  await changeUser(context, DIRECTORY, user.id, { isStaff, reason: undefined });
}

function isTooLong(username: string): boolean {
  return [...username].length > MOST_USER_NAME;
}

function noAccount(): ChitError<'directory_no_account'> {
  return new ChitError('directory_no_account', undefined);
}
