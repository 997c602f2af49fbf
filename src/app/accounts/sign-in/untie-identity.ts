/**
 * The identities elsewhere that sign in to an account, and untying them: by the user, with a fresh
 * proof, which routes ask for, and by staff.
 */
import { ChitError } from '../../../core/errors.ts';
import type { MailLanguage, UserNotices } from '../../../core/notices.ts';
import type { SignInProvider } from '../../../core/sign-in-provider.ts';
import { LDAP_IDENTITY } from '../../../store/accounts/identities.ts';
import type { Context } from '../../context.ts';
import { userNotice } from '../../notices/new-notice.ts';
import { auditEntry, type Principal } from '../../principal.ts';
import type { FactorOwner } from '../factors/manage-factors.ts';
import { namesOfProvider } from '../identity-notice.ts';
import { requireOtherUser } from '../manage-users.ts';
import { providers } from './providers.ts';
import { hasWayIn } from './ways-in.ts';

/** Somebody at a provider, or an entry of a directory, that signs in to an account. */
export interface TiedIdentity {
  readonly id: string;
  readonly by: 'provider' | 'ldap';
  /** The name of the provider in `chit.json` by which it was used last. */
  readonly provider: string | undefined;
  /** What the button of the provider says. */
  readonly names: Readonly<Record<MailLanguage, string>> | undefined;
  readonly createdAtMs: number;
  /** undefined for an entry of a directory. */
  readonly lastUsedAtMs: number | undefined;
}

/** All identities that sign in to an account, in the order in which they were tied. */
export async function tiedIdentitiesOf(context: Context, userId: number): Promise<TiedIdentity[]> {
  const identities = await context.identities.of(userId);
  const linkedAtMs = await context.ldapUsers.linkedAtOf(userId);
  const known: readonly Pick<SignInProvider, 'name' | 'button'>[] = providers(context);
  const tied = identities.map(({ key: id, provider: name, createdAtMs, lastUsedAtMs }) => {
    const names = namesOfProvider(known.find((it) => it.name === name) ?? { name, button: {} });
    return { id, by: 'provider', provider: name, names, createdAtMs, lastUsedAtMs } as const;
  });
  if (linkedAtMs === undefined) return tied;
  const nothing = { provider: undefined, names: undefined, lastUsedAtMs: undefined };
  return [...tied, { ...nothing, id: LDAP_IDENTITY, by: 'ldap', createdAtMs: linkedAtMs }];
}

/**
 * Unties one of one's own identities.
 * @throws ChitError `identity_not_found`, `only_way_in` if its user could not sign in any more,
 *   `access_token_invalid`
 */
export async function untieOwn(context: Context, owner: FactorOwner, id: string): Promise<void> {
  const { user, address } = owner;
  const by = { actor: `user:${user.id}`, address, user } as const;
  const { passwordVersion } = user;
  const outcome = await context.identities.untie(
    { ...(await untyingOf(context, { userId: user.id, id, address }, by)), passwordVersion },
    { suffices: (left) => hasWayIn(context, left) },
  );
  if (outcome === 'only_way') throw new ChitError('only_way_in', undefined);
  if (outcome === 'not_found') throw new ChitError('identity_not_found', undefined);
  if (outcome === 'refused') {
    throw new ChitError('access_token_invalid', { message: 'Token is invalid or expired' });
  }
}

/**
 * Unties an identity of a user, also the only way to sign in, and signs the user out everywhere:
 * whoever came by it may still be there.
 * @throws ChitError `user_unknown`, `identity_not_found`, `permission_denied` for staff unless the
 *   principal is a superuser, `own_account`
 */
export async function untieByStaff(
  context: Context,
  principal: Principal,
  of: { readonly userId: number; readonly id: string },
  reason: string | undefined,
): Promise<void> {
  await requireOtherUser(context, principal, of.userId);
  const untying = await untyingOf(context, { ...of, address: null }, principal, reason);
  const outcome = await context.identities.untie(untying, { endsTokens: context.now });
  if (outcome !== 'done') throw new ChitError('identity_not_found', undefined);
}

/** What is written of it. @throws ChitError `identity_not_found` */
async function untyingOf(
  context: Context,
  { userId, id, address }: { userId: number; id: string; address: string | null },
  by: Principal,
  reason?: string,
) {
  const identity = (await tiedIdentitiesOf(context, userId)).find((it) => it.id === id);
  if (!identity) throw new ChitError('identity_not_found', undefined);
  const { by: way, provider, names = null } = identity;
  const entry = auditEntry(by, {
    action: 'user.untie',
    target: `user:${userId}`,
    reason,
    before: provider === undefined ? { ldap: true } : { provider },
  });
  const told: UserNotices['identity.removed'] = { by: way, names, address };
  return { userId, id, entry, notices: [userNotice('identity.removed', userId, told)] };
}
