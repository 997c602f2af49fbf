/** The account of somebody whom a provider names: theirs, one with their address, or a new one. */
import { createHash, randomInt } from 'node:crypto';
import type { Claims, ProvenIdentity } from '../../../auth/oidc/oidc-clients.ts';
import { unusableHash } from '../../../auth/passwords.ts';
import { ChitError, hasCode } from '../../../core/errors.ts';
import type { SignInProvider } from '../../../core/sign-in-provider.ts';
import { numbered } from '../../../core/username-from.ts';
import type { OpeningIdentity } from '../../../store/accounts/identities.ts';
import type { Context } from '../../context.ts';
import {
  type Arrival,
  type CarriedInvitation,
  isInvited,
  openByInvitation,
  takeInvitation,
} from '../../invitations/arrive-invited.ts';
import { auditEntry, type Principal } from '../../principal.ts';
import { identityNotice, namesOfProvider } from '../identity-notice.ts';
import { openAccount } from '../register-user.ts';
import { emailOf, invitedNameIn, usernameIn } from './claims.ts';
import { needsProof, proofToTie } from './tie-identity.ts';

/** So many names with small numbers are tried, then as many with large ones. */
const SMALL_NUMBERS = 4;
const TRIES = 12;
const LARGE_NUMBERS = 1_000_000;

/**
 * The id of the user whom a provider names. However many ask at once, on however many servers, and
 * whenever one of them stops, an identity gets one account. An invitation that is for this person
 * is taken with it.
 * @param whom `browser` is the mark of the browser, which is used if a proof is needed
 * @param carried the invitation that the person came with
 * @throws ChitError `sign_in_no_account`, `sign_in_unproven`, `sign_in_unprovable`,
 *   `invitation_used`; what opening an account throws
 */
export async function accountOf(
  context: Context,
  provider: SignInProvider,
  whom: { readonly identity: ProvenIdentity; readonly browser: string },
  { by, carried }: { readonly by: Principal; readonly carried?: CarriedInvitation | undefined },
): Promise<number> {
  const { identity } = whom;
  const email = emailOf(provider, identity.claims);
  const arrival: Arrival = {
    email: email?.isVerified ? email.email : undefined,
    username: invitedNameIn(provider, identity.claims),
    saidEmail: email?.email,
    invitation: carried,
  };
  const present =
    (await context.identities.use(identity, provider.name, context.now())) ??
    (await matchByEmail(context, provider, whom, by));
  if (present !== undefined) {
    await takeInvitation(context, by, present, arrival);
    return present;
  }
  if (!provider.makesAccounts && !(await isInvited(context, arrival))) {
    throw new ChitError('sign_in_no_account', undefined);
  }
  const claim = { provider: provider.name, opening: unusableHash(), atMs: context.now() };
  const claimed = await context.identities.claim(identity, claim);
  if ('userId' in claimed) return claimed.userId;
  const userId = await openFor(context, provider, { identity, claimed, by, arrival });
  if (email) {
    // Somebody else may have verified the address, and keeps it.
    const { email: address, isVerified } = email;
    if (isVerified) {
      await context.emails.vouch(userId, address, { atMs: context.now(), isOpening: true });
    } else await context.emails.set(userId, address, undefined);
  }
  return userId;
}

/**
 * Whoever runs the provider must not become a superuser by it. An account that has more to lose
 * than its address shows is tied only once its user has proved that it is theirs; see `tieProven`.
 */
async function matchByEmail(
  context: Context,
  provider: SignInProvider,
  { identity, browser }: { readonly identity: ProvenIdentity; readonly browser: string },
  by: Principal,
): Promise<number | undefined> {
  const email = emailOf(provider, identity.claims);
  if (!provider.matchesByEmail || !email?.isVerified) return undefined;
  const userId = await context.emails.ownerOf(email.email);
  const user = userId === undefined ? undefined : await context.users.byId(userId);
  if (!user || user.isSuperuser) return undefined;
  if (await needsProof(context, user, identity)) {
    // The same person, twice at once: the other sign-in has just tied the identity or opened the
    // account, so that there is nothing to prove.
    const owner = await context.identities.ownerOf(identity);
    if (owner !== undefined) return owner;
    throw await proofToTie(context, user, { provider: provider.name, identity, browser });
  }
  const entry = auditEntry(by, {
    action: 'user.identity',
    target: `user:${user.id}`,
    after: { provider: provider.name, by_email: true },
  });
  const names = namesOfProvider(provider);
  const told = { by: 'provider', names, address: by.address ?? null } as const;
  const isTied = await context.identities.tie(identity, {
    userId: user.id,
    provider: provider.name,
    entry,
    notices: [await identityNotice(context, user.id, told)],
  });
  return isTied ? user.id : context.identities.ownerOf(identity);
}

async function openFor(
  context: Context,
  provider: SignInProvider,
  opening: {
    readonly identity: ProvenIdentity;
    readonly claimed: OpeningIdentity;
    readonly by: Principal;
    readonly arrival: Arrival;
  },
): Promise<number> {
  const { identity, claimed, by, arrival } = opening;
  const base = usernameIn(provider, identity.claims);
  const candidates = Array.from({ length: TRIES }, (_, tries) => candidate(base, tries));
  // Models may be reserved for accounts with these names.
  const usernames = candidates.filter((it) => !context.allowedUsers.isNamed(it));
  const invited = await openByInvitation(context, by, arrival, {
    opening: claimed.opening,
    passwordHash: claimed.opening,
    usernames,
    facts: { provider: provider.name },
  });
  if (invited !== undefined) return invited;
  // Somebody has just come by the invitation.
  if (!provider.makesAccounts) throw new ChitError('sign_in_no_account', undefined);
  // Nobody gets the opening balance again by deleting the account.
  const openingCredits = claimed.wasErased ? 0 : context.policy.signupCredits;
  // With one key for one opening, the ledger opens one account at most.
  const bodyHash = createHash('sha256').update(claimed.opening).digest('base64url');
  const idempotency = { key: `identity:${bodyHash}`, bodyHash };
  for (const username of usernames) {
    const account = { username, password: '', openingCredits, isStaff: false, isSuperuser: false };
    try {
      await openAccount(context, account, {
        idempotency,
        passwordHash: claimed.opening,
        audit: (id) =>
          auditEntry(by, {
            action: 'user.create',
            target: `user:${id}`,
            after: { provider: provider.name, tokens: openingCredits },
          }),
      });
    } catch (error) {
      const isTaken = hasCode(error, 'username_taken');
      if (!isTaken && !hasCode(error, 'idempotency_key_reused')) throw error;
    }
    const userId = await context.identities.ownerOf(identity);
    if (userId !== undefined) return userId;
  }
  throw new Error('No free name was found for a new account.');
}

/** What a new account would be called, if it were opened now. */
export async function nameForNew(
  context: Context,
  provider: SignInProvider,
  claims: Claims,
): Promise<string> {
  const base = usernameIn(provider, claims);
  for (let tries = 0; tries <= SMALL_NUMBERS; tries += 1) {
    const username = candidate(base, tries);
    if (context.allowedUsers.isNamed(username)) continue;
    if (await context.usernameClaims.isFree(username)) return username;
  }
  return candidate(base, TRIES);
}

/** `anna`, `anna-2` and so on, then with a number that hardly anybody has. */
function candidate(base: string, tries: number): string {
  if (tries === 0) return base;
  const number = tries <= SMALL_NUMBERS ? tries + 1 : randomInt(LARGE_NUMBERS);
  return numbered(base, String(number));
}
