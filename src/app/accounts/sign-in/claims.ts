/** Reads what a provider says of a person. */
import type { Claims } from '../../../auth/oidc/oidc-clients.ts';
import type { SignInProvider } from '../../../core/sign-in-provider.ts';
import { usernameFrom } from '../../../core/username-from.ts';

/** Longer addresses do not exist (RFC 5321, 4.5.3.1.3). */
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,189}$/;
const LAST_RESORT = 'user';

/** The claims that a provider is asked for. */
export function wantedClaims(provider: SignInProvider): string[] {
  const { usernameClaim = 'preferred_username', groupsClaim, groups, staff, requires } = provider;
  const needsGroups = staff !== undefined || Object.keys(groups).length > 0;
  const first = (path: string) => path.split('.')[0] ?? path;
  return [
    usernameClaim,
    'email',
    ...(needsGroups ? [first(groupsClaim)] : []),
    ...Object.keys(requires).map(first),
  ];
}

/** A claim by its name, or by the path of a member of a claim, such as `realm_access.roles`. */
export function claimOf(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) {
      return undefined;
    }
    value = (value as Claims)[name];
  }
  return value;
}

/** The texts of a claim that has one or several. */
export function textsOf(claim: unknown): string[] {
  return [claim].flat().flatMap((it) => {
    if (typeof it === 'string') return [it];
    return typeof it === 'number' || typeof it === 'boolean' ? [String(it)] : [];
  });
}

/** Whether somebody is one of those whom the provider may let in here. */
export function isAdmitted({ requires }: SignInProvider, claims: Claims): boolean {
  return Object.entries(requires).every(([name, values]) =>
    textsOf(claimOf(claims, name)).some((it) => values.includes(it)),
  );
}

/** The e-mail address, and whether it is known to be the person's. */
export function emailOf(
  { isEmailVerified }: SignInProvider,
  { email, email_verified: verified }: Claims,
): { readonly email: string; readonly isVerified: boolean } | undefined {
  if (typeof email !== 'string' || !EMAIL.test(email)) return undefined;
  // Some providers send the text "true".
  const isSaid = verified === true || verified === 'true';
  const isDenied = verified === false || verified === 'false';
  return { email, isVerified: isSaid || (isEmailVerified && !isDenied) };
}

/**
 * When the person proved who they are: a provider that knew them already may not have asked.
 * @returns undefined if the provider does not say
 */
export function provedAtIn({ auth_time: seconds }: Claims, nowMs: number): number | undefined {
  return typeof seconds === 'number' && Number.isSafeInteger(seconds * 1000) && seconds > 0
    ? Math.min(Math.floor(seconds * 1000), nowMs)
    : undefined;
}

/** The name by which an invitation is found: only the claim itself, which others do not have. */
export function invitedNameIn(provider: SignInProvider, claims: Claims): string | undefined {
  if (!provider.matchesByUsername) return undefined;
  const claim = claimOf(claims, provider.usernameClaim ?? 'preferred_username');
  return typeof claim === 'string' && claim.trim() !== '' ? claim.trim() : undefined;
}

/** A name for a new account: from the claim that is configured, or from what is usual. */
export function usernameIn({ usernameClaim }: SignInProvider, claims: Claims): string {
  const { preferred_username: preferred, email, name } = claims;
  const local = typeof email === 'string' ? email.split('@')[0] : undefined;
  const texts =
    usernameClaim === undefined
      ? [preferred, local, name]
      : [claimOf(claims, usernameClaim), preferred, local, name];
  for (const text of texts) {
    const username = typeof text === 'string' ? usernameFrom(text) : undefined;
    if (username !== undefined) return username;
  }
  return LAST_RESORT;
}

/**
 * The values of the claim of groups. Without the claim there are none.
 * @returns undefined if the provider says that it left them out, as Entra ID does for who is in
 *   more groups than fit into a token
 */
export function groupsIn({ groupsClaim }: SignInProvider, claims: Claims): string[] | undefined {
  const value = claimOf(claims, groupsClaim);
  if (value !== undefined) return textsOf(value);
  const { hasgroups, _claim_names: elsewhere } = claims;
  const isElsewhere =
    typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, groupsClaim);
  return isElsewhere || hasgroups === true || hasgroups === 'true' ? undefined : [];
}
