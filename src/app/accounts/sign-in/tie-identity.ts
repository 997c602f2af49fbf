/**
 * Tying an account of this site to an identity at a provider by its e-mail address, where the
 * address alone is too little: its user proves once, with what the account has, that it is theirs.
 */
import { createHash } from 'node:crypto';
import { isUsable } from '../../../auth/passwords.ts';
import { ChitError } from '../../../core/errors.ts';
import type { ProofMethod } from '../../../core/proofs.ts';
import type { Subject } from '../../../store/accounts/identities.ts';
import type { User } from '../../../store/accounts/users.ts';
import type { Context } from '../../context.ts';
import { isOfLdap } from '../../directory/ldap-sign-in.ts';
import { auditEntry } from '../../principal.ts';
import { confirmPassword } from '../change-password.ts';
import { useCode } from '../factors/codes.ts';
import { factorWaysOf, type GivenProof } from '../factors/factor-ways.ts';
import { passkeyRequest, type RelyingParty, usePasskey } from '../factors/passkeys.ts';
import { requireParty } from '../factors/second-step.ts';
import { identityNotice, namesOfProvider } from '../identity-notice.ts';
import { opensAccount } from '../opens-account.ts';
import { providerNamed } from './providers.ts';

/** Whoever proves that an account is theirs, and where. */
interface Prover {
  /** The name of the provider in the address. */
  readonly provider: string;
  /** The mark of the browser that came back from the provider. */
  readonly browser: string;
  readonly ticket: string;
}

/**
 * Whether the address is too little: for staff, for who has a second factor, where a directory has
 * given it to an account that was there before, and where the provider has named the account by
 * another subject before: addresses that become free are given to others (OpenID Connect Core 1.0,
 * 5.7).
 */
export async function needsProof(
  context: Context,
  user: User,
  { issuer }: Subject,
): Promise<boolean> {
  if (user.isStaff || (await factorWaysOf(context, user.id)).length > 0) return true;
  if (!(await opensAccount(context, user))) return true;
  return (await context.identities.of(user.id)).some((it) => it.issuer === issuer);
}

/** The error that says what is missing: a proof, for which there is a ticket, or any way to it. */
export async function proofToTie(
  context: Context,
  user: User,
  of: { readonly provider: string; readonly identity: Subject; readonly browser: string },
): Promise<ChitError<'sign_in_unproven' | 'sign_in_unprovable'>> {
  const methods = await methodsOf(context, user.id);
  if (methods.length === 0) return new ChitError('sign_in_unprovable', undefined);
  const { issuer, subject } = of.identity;
  const extra = JSON.stringify([of.provider, issuer, subject, hashOf(of.browser)]);
  const facts = { userId: user.id, passwordVersion: user.passwordVersion, extra };
  const ticket = context.tickets.make('tie', facts, context.now());
  return new ChitError('sign_in_unproven', { ticket });
}

/**
 * Ties an account to the identity that a ticket names, once its user has proved that it is theirs:
 * with a second factor, or with the password if they have none. Signing in at the provider once
 * more then leads to it. Only the browser that came back from the provider can use the ticket:
 * nobody makes somebody else tie an account to an identity that is not theirs.
 * @throws ChitError `proof_required` with what is taken, if nothing of it was given;
 *   `ticket_invalid`, `invalid_fields`, `code_wrong`, `passkey_refused`, `passkeys_unavailable`,
 *   `throttled`, `overloaded`
 */
export async function tieProven(
  context: Context,
  prover: Prover,
  given: GivenProof,
  from: { readonly address: string; readonly party: RelyingParty | undefined },
): Promise<void> {
  const { ticket, user, identity } = await readTicket(context, prover);
  const proof = await prove(context, user, given, from);
  if (!(await context.factors.spend(ticket))) throw new ChitError('ticket_invalid', undefined);
  const { provider } = prover;
  const entry = auditEntry(
    { actor: `user:${user.id}`, address: from.address, user },
    {
      action: 'user.identity',
      target: `user:${user.id}`,
      after: { provider, by_email: true, proved_by: proof },
    },
  );
  const names = namesOfProvider(providerNamed(context, provider));
  const told = { by: 'provider', names, address: from.address } as const;
  const notices = [await identityNotice(context, user.id, told)];
  const to = { userId: user.id, provider, entry, notices };
  const isTied = await context.identities.tie(identity, to);
  if (!isTied) throw new ChitError('ticket_invalid', undefined);
}

/**
 * What a browser needs to prove with a passkey that an account is its user's.
 * @throws ChitError `ticket_invalid`, `passkeys_unavailable`
 */
export async function tiePasskeyRequest(
  context: Context,
  prover: Prover,
  party: RelyingParty | undefined,
) {
  const { user } = await readTicket(context, prover);
  return passkeyRequest(context, 'passkey:second', user.id, requireParty(party));
}

async function prove(
  context: Context,
  user: User,
  { password, code, passkey }: GivenProof,
  { address, party }: { readonly address: string; readonly party: RelyingParty | undefined },
): Promise<'passkey' | 'password' | 'factor'> {
  const { id: userId } = user;
  if (passkey) {
    await usePasskey(context, 'passkey:second', { response: passkey, userId }, requireParty(party));
    return 'passkey';
  }
  const methods = await methodsOf(context, userId);
  if (methods.includes('password') && password !== undefined) {
    const isSignedIn = false;
    await confirmPassword(context, user, { password, field: 'password', address, isSignedIn });
    return 'password';
  }
  if (code === undefined || methods.includes('password')) {
    throw new ChitError('proof_required', { methods });
  }
  await useCode(context, { userId, code, address, device: undefined, isSignedIn: false });
  return 'factor';
}

/** A second factor if the user has one; otherwise the password, if there is one. */
async function methodsOf(context: Context, userId: number): Promise<ProofMethod[]> {
  const ways = await factorWaysOf(context, userId);
  if (ways.length > 0) return ways;
  const user = await context.users.withPassword(userId);
  if (!user) return [];
  const hasPassword = isUsable(user.passwordHash) || (await isOfLdap(context, user));
  return hasPassword ? ['password'] : [];
}

/** @throws ChitError `ticket_invalid` */
async function readTicket(context: Context, { provider, browser, ticket: text }: Prover) {
  const ticket = context.tickets.read('tie', text, context.now());
  const user = ticket?.userId === undefined ? undefined : await context.users.byId(ticket.userId);
  // What is signed was made above.
  const [name, issuer = '', subject = '', browserHash] = JSON.parse(
    ticket?.extra ?? '[]',
  ) as string[];
  const isGood =
    ticket &&
    user?.isActive &&
    // Whoever runs the provider must not become a superuser by it.
    !user.isSuperuser &&
    user.passwordVersion === ticket.passwordVersion &&
    ticket.issuedAtMs > user.refreshCutoffAtMs &&
    name === provider &&
    browserHash === hashOf(browser);
  if (!isGood) throw new ChitError('ticket_invalid', undefined);
  return { ticket, user, identity: { issuer, subject } };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
