/** Trying the directory: what it has of a name, and what would happen; nothing is made. */
import type { LdapInspection } from '../../auth/ldap/ldap-directory.ts';
import { ChitError } from '../../core/errors.ts';
import type { LdapSettings } from '../../core/ldap.ts';
import type { SignInOutcome, SignInPreview } from '../../core/sign-in-preview.ts';
import type { User } from '../../store/accounts/users.ts';
import { previewGroups } from '../accounts/sign-in/preview-groups.ts';
import type { Context } from '../context.ts';
import { isInvited } from '../invitations/arrive-invited.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { isOfLdap, isOnlyOfDirectories } from './ldap-sign-in.ts';

export interface TriedLdap {
  readonly inspection: LdapInspection;
  readonly preview: SignInPreview;
}

/**
 * Looks a name up and, if there is a password, checks it as a sign-in would: wrong ones count.
 * @throws ChitError `directory_not_set`, `directory_unavailable`, `throttled`, `overloaded`
 */
export async function tryLdap(
  context: Context,
  principal: Principal & { readonly address: string | undefined },
  { username, password }: { readonly username: string; readonly password: string },
): Promise<TriedLdap> {
  const directory = context.ldap.current;
  if (!directory) throw new ChitError('directory_not_set', undefined);
  const entry = auditEntry(principal, {
    action: 'sign_in.try',
    target: 'directory:ldap',
    after: { with_password: password !== '' },
  });
  await context.auditLog.add(entry);
  const address = principal.address ?? '';
  let inspection: LdapInspection | undefined;
  if (password === '') {
    inspection = await directory.inspect(username, '', { key: address, isKnown: true });
  } else {
    const who = { username, address, device: undefined };
    await context.loginLimit.attempt(who, async (source) => {
      await source.admit?.();
      inspection = await directory.inspect(username, password, source);
      return inspection.isPasswordRight === true ? inspection : undefined;
    });
  }
  if (!inspection) throw new Error('The directory was not asked.');
  const preview = await previewOf(context, directory.settings, { username, inspection });
  return { inspection, preview };
}

async function previewOf(
  context: Context,
  settings: LdapSettings,
  { username, inspection }: { username: string; inspection: LdapInspection },
): Promise<SignInPreview> {
  const { found } = inspection;
  const linked = found && (await context.ldapUsers.userOf(found.person.subject));
  const typed = await context.users.byUsername(username);
  const named =
    linked === undefined
      ? await context.users.byUsername(found?.person.username ?? username)
      : await context.users.byId(linked);
  const outcome = await outcomeOf(context, settings, { inspection, linked, named, typed });
  const isNew = outcome === 'new_account';
  const email = found?.person.email;
  const there = found?.person.groups ?? new Set<string>();
  const wanted = new Map(
    [...new Set(settings.groups.values())].map((name) => [
      name,
      [...settings.groups].some(([dn, of]) => of === name && there.has(dn)),
    ]),
  );
  const { staff } = settings;
  return {
    outcome,
    userId: named?.id,
    username: named?.username ?? (isNew ? found?.person.username : undefined),
    email: email === undefined ? undefined : { address: email, isVerified: true },
    openingCredits: isNew ? context.policy.signupCredits : undefined,
    groupsThere: [...there],
    groups: found ? await previewGroups(context, wanted, named?.id) : [],
    isStaff:
      staff && found
        ? named?.isSuperuser === true || [...staff].some((it) => there.has(it))
        : undefined,
    lacks: [],
  };
}

async function outcomeOf(
  context: Context,
  { createsAccounts }: LdapSettings,
  of: {
    readonly inspection: LdapInspection;
    readonly linked: number | undefined;
    readonly named: User | undefined;
    readonly typed: User | undefined;
  },
): Promise<SignInOutcome> {
  const { inspection, linked, named, typed } = of;
  // Such a name is never looked up, whatever the directory has.
  if (typed && !(await isOfLdap(context, typed))) return 'local_account';
  if (inspection.entries > 1) return 'ambiguous';
  if (!inspection.found) return 'not_found';
  if (inspection.isPasswordRight === false) return 'wrong_password';
  if (named && !named.isActive) return 'disabled';
  if (linked !== undefined) return 'signs_in';
  if (named) {
    const isFree = !named.isStaff && (await isOnlyOfDirectories(context, named));
    return isFree ? 'matched' : 'local_account';
  }
  const { email, username } = inspection.found.person;
  if (await isInvited(context, { email, username })) return 'invited';
  return createsAccounts ? 'new_account' : 'no_account';
}
