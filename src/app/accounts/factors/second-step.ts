/** What stands between a right password and a session, for users who have a second factor. */
import { ChitError } from '../../../core/errors.ts';
import type { ProofKind } from '../../../core/proofs.ts';
import type { Context } from '../../context.ts';
import { beginSession, type SignIn } from '../begin-session.ts';
import { useCode } from './codes.ts';
import { factorWaysOf } from './factor-ways.ts';
import {
  type AuthenticationResponseJSON,
  passkeyRequest,
  type RelyingParty,
  usePasskey,
} from './passkeys.ts';

/** The tokens of a new session, and whose it is. */
export interface SignedIn {
  readonly refresh: string;
  readonly access: string;
  readonly userId: number;
}

/** Where somebody signs in, and with what. */
export interface SignInPlace {
  readonly address: string;
  /** The marks of the browser; see `KnownDevices`. */
  readonly device: string;
  readonly userAgent: string | undefined;
  readonly isSession: boolean;
}

/**
 * Goes on after a right password, one of this site or of a directory: begins a session, unless the
 * user has a second factor.
 * @throws ChitError `second_factor_required` with a ticket for the second step;
 *   `invalid_credentials` if the user was changed meanwhile
 */
export async function afterPassword(context: Context, signIn: SignIn): Promise<SignedIn> {
  const { id: userId, passwordVersion } = signIn.user;
  const methods = await factorWaysOf(context, userId);
  if (methods.length > 0) {
    const ticket = context.tickets.make('sign_in', { userId, passwordVersion }, context.now());
    throw new ChitError('second_factor_required', { methods, ticket });
  }
  const tokens = await beginSession(context, signIn);
  if (!tokens) throw new ChitError('invalid_credentials', undefined);
  return { ...tokens, userId };
}

/** What is given in the second step: one of these. */
export interface SecondFactor {
  /** Of an authenticator app, or a recovery code. */
  readonly code?: string | undefined;
  readonly passkey?: AuthenticationResponseJSON | undefined;
}

/**
 * The second step of a sign-in. A wrong code does not use the ticket up.
 * @param party undefined where the address of the site allows no passkeys
 * @throws ChitError `ticket_invalid` if it was used, has expired, or the user was changed since;
 *   `code_wrong`, `passkey_refused`, `passkeys_unavailable`, `throttled`, `overloaded`
 */
export async function finishSignIn(
  context: Context,
  ticketText: string,
  given: SecondFactor,
  from: SignInPlace & { readonly party: RelyingParty | undefined },
): Promise<SignedIn> {
  const { address, userAgent, isSession, party } = from;
  const { ticket, user } = await userOfTicket(context, ticketText);
  const device = context.knownDevices.idIn(from.device, user.id);
  if (given.passkey) {
    const use = { response: given.passkey, userId: user.id };
    await usePasskey(context, 'passkey:second', use, requireParty(party));
  } else {
    const code = { code: given.code ?? '', address, device, isSignedIn: false };
    await useCode(context, { ...code, userId: user.id });
  }
  if (!(await context.factors.spend(ticket))) throw new ChitError('ticket_invalid', undefined);
  return begin(context, {
    user: { ...user, passwordVersion: ticket.passwordVersion ?? user.passwordVersion },
    address,
    isKnownDevice: device !== undefined,
    userAgent,
    isSession,
    provedBy: 'factor',
  });
}

/**
 * What a browser needs to use a passkey in the second step.
 * @throws ChitError `ticket_invalid`, `passkeys_unavailable`
 */
export async function secondPasskeyRequest(
  context: Context,
  ticketText: string,
  party: RelyingParty | undefined,
) {
  const { user } = await userOfTicket(context, ticketText);
  return passkeyRequest(context, 'passkey:second', user.id, requireParty(party));
}

/**
 * What a browser needs to sign in with a passkey alone.
 * @throws ChitError `passkeys_unavailable`, `password_login_off`
 */
export async function passkeySignInRequest(context: Context, party: RelyingParty | undefined) {
  requireOwnSignIn(context);
  return passkeyRequest(context, 'passkey:sign_in', undefined, requireParty(party));
}

/**
 * Where a provider alone decides who comes in, passkeys of this site do not go past it.
 * @throws ChitError `password_login_off`
 */
function requireOwnSignIn({ policy }: Context): void {
  if (!policy.isPasswordLoginOn) throw new ChitError('password_login_off', undefined);
}

/**
 * Signs in with a passkey and nothing else: it is what somebody has, and it was unlocked by what
 * they know or are.
 * @throws ChitError `passkey_refused`, `ticket_invalid`, `passkeys_unavailable`,
 *   `password_login_off`
 */
export async function signInWithPasskey(
  context: Context,
  response: AuthenticationResponseJSON,
  from: SignInPlace & { readonly party: RelyingParty | undefined },
): Promise<SignedIn> {
  requireOwnSignIn(context);
  const { address, userAgent, isSession, party } = from;
  const use = { response, userId: undefined };
  const userId = await usePasskey(context, 'passkey:sign_in', use, requireParty(party));
  const user = await context.users.byId(userId);
  if (!user?.isActive) throw new ChitError('passkey_refused', undefined);
  return begin(context, {
    user,
    address,
    isKnownDevice: context.knownDevices.idIn(from.device, user.id) !== undefined,
    userAgent,
    isSession,
    provedBy: 'passkey',
  });
}

/** @throws ChitError `passkeys_unavailable` */
export function requireParty(party: RelyingParty | undefined): RelyingParty {
  if (!party) throw new ChitError('passkeys_unavailable', undefined);
  return party;
}

async function begin(
  context: Context,
  signIn: SignIn & { readonly provedBy: ProofKind },
): Promise<SignedIn> {
  const tokens = await beginSession(context, signIn);
  if (!tokens) throw new ChitError('ticket_invalid', undefined);
  return { ...tokens, userId: signIn.user.id };
}

/** @throws ChitError `ticket_invalid` */
async function userOfTicket(context: Context, text: string) {
  const ticket = context.tickets.read('sign_in', text, context.now());
  const user = ticket?.userId === undefined ? undefined : await context.users.byId(ticket.userId);
  const isGood =
    ticket &&
    user?.isActive &&
    user.passwordVersion === ticket.passwordVersion &&
    // Whoever ended all sessions since ended this sign-in too. A link to choose a password does so
    // just before its own, perhaps within a millisecond.
    ticket.issuedAtMs >= user.refreshCutoffAtMs;
  if (!isGood) throw new ChitError('ticket_invalid', undefined);
  return { ticket, user };
}
