/** Signing in by a provider of OpenID Connect: leaving for it, and coming back. */
import { createHash, randomBytes } from 'node:crypto';
import type { ProvenIdentity } from '../../../auth/oidc/oidc-clients.ts';
import { ChitError } from '../../../core/errors.ts';
import { isFresh, UNKNOWN_TIME_MS } from '../../../core/proofs.ts';
import type { SignInProvider } from '../../../core/sign-in-provider.ts';
import type { SignInAttempt } from '../../../store/accounts/sign-in-attempts.ts';
import type { Context } from '../../context.ts';
import type { CarriedInvitation } from '../../invitations/arrive-invited.ts';
import type { Principal } from '../../principal.ts';
import { beginSession } from '../begin-session.ts';
import { accountOf } from './account-of-identity.ts';
import { bringIntoLine } from './bring-into-line.ts';
import { isAdmitted, provedAtIn, wantedClaims } from './claims.ts';
import { providerNamed } from './providers.ts';
import { noteProvider } from './sign-out-by-provider.ts';
import { Turnstile } from './turnstile.ts';

/** How long somebody may take at the provider. */
export const ATTEMPT_MS = 600_000;
const SECRET_BYTES = 32;
/** What the state of an attempt ends with that has to be a fresh proof. */
const AGAIN = '.again';
/** What `randomSecret` makes. */
const SECRET = /^[\w-]{43}$/;
const MAX_PATH = 500;
/** A path of this site: not of another one, as `//host` and `/\host` would be. */
const PATH = /^\/(?![/\\])[^\s\\#]*$/;

/**
 * A school signs in at eight o'clock: however many come, a few use the database, so that neither
 * they nor others wait for a connection in vain.
 */
const turnstile = new Turnstile(4, 10_000);

/** Where the browser goes next, and the mark by which it is known when it comes back. */
export interface BegunSignIn {
  readonly url: string;
  readonly browser: string;
}

/**
 * Begins a sign-in.
 * @param request `browser` is the mark that the browser has already, for several tabs at once;
 *   `isAgain`: it has to be a fresh proof, so that the provider shall ask even if it knows;
 *   `invitation`: the one that the account is to be opened by
 * @throws ChitError `sign_in_unknown`, `sign_in_unreachable`, `throttled`
 */
export async function beginSignIn(
  context: Context,
  request: {
    readonly provider: string;
    readonly redirectUri: string;
    readonly browser: string;
    readonly returnTo: string | undefined;
    readonly isAgain?: boolean;
    readonly invitation?: CarriedInvitation | undefined;
    readonly address: string;
  },
): Promise<BegunSignIn> {
  const provider = providerNamed(context, request.provider);
  await turnstile.pass(() => context.signInLimit.count(request.address));
  const { redirectUri, browser: mark, isAgain = false } = request;
  const begun = await beginAt(context, provider, { redirectUri, browser: mark, isAgain });
  const { url, browser } = begun;
  const { invitation } = request;
  const attempt = { ...begun.attempt, returnTo: ownPath(request.returnTo), invitation };
  await turnstile.pass(() => context.signInAttempts.add(attempt));
  return { url, browser };
}

/**
 * What a provider is asked, and what has to be kept until the browser comes back.
 * @param request `mark`: what the state begins with
 * @throws ChitError `sign_in_unreachable`
 */
export async function beginAt(
  context: Context,
  provider: SignInProvider,
  request: {
    readonly redirectUri: string;
    readonly browser: string;
    readonly isAgain: boolean;
    readonly mark?: string;
  },
): Promise<BegunSignIn & { readonly attempt: Omit<SignInAttempt, 'returnTo' | 'invitation'> }> {
  const browser = SECRET.test(request.browser) ? request.browser : randomSecret();
  const { redirectUri, isAgain } = request;
  const state = (request.mark ?? '') + randomSecret() + (isAgain ? AGAIN : '');
  const secrets = { state, nonce: randomSecret(), verifier: randomSecret() };
  const url = await context.oidc.authorizationUrl(provider, secrets, { redirectUri, isAgain });
  const attempt = {
    stateHash: hashOf(secrets.state),
    browserHash: hashOf(browser),
    provider: provider.name,
    nonce: secrets.nonce,
    verifier: secrets.verifier,
    expiresAtMs: context.now() + ATTEMPT_MS,
  };
  return { url, browser, attempt };
}

/** A browser that comes back from a provider. */
export interface ComingBack {
  readonly provider: string;
  /** The redirect URI with what the browser brought back. */
  readonly callbackUrl: URL;
  /** The mark by which the browser is known. */
  readonly browser: string;
}

/** What an attempt is found by, with its state. */
export function keyOfAttempt({ name }: SignInProvider, callbackUrl: URL, browser: string) {
  const states = callbackUrl.searchParams.getAll('state');
  const state = states.length === 1 && states[0] ? states[0] : '';
  return { state, stateHash: hashOf(state), browserHash: hashOf(browser), provider: name };
}

/**
 * Ends a sign-in with a session. The attempt is used up first, whatever comes of it.
 * @throws ChitError `sign_in_unknown`, `sign_in_expired`, `sign_in_denied`, `sign_in_failed`,
 *   `sign_in_unreachable`, `sign_in_refused`, `sign_in_no_account`, `sign_in_disabled`,
 *   `invitation_used`;
 *   `sign_in_unproven` with a ticket for `tieProven`, `sign_in_unprovable`;
 *   `sign_in_stale` if it had to be a fresh proof and is none
 */
export async function finishSignIn(
  context: Context,
  request: ComingBack & {
    /** The marks of the browser; see `KnownDevices`. */
    readonly device: string;
    readonly address: string;
    readonly userAgent: string | undefined;
  },
): Promise<{ refresh: string; access: string; userId: number; returnTo: string }> {
  const provider = providerNamed(context, request.provider);
  const { callbackUrl, browser, device, address, userAgent } = request;
  const { state, ...key } = keyOfAttempt(provider, callbackUrl, browser);
  const attempt = await turnstile.pass(() => context.signInAttempts.take(key, context.now()));
  if (!attempt) throw new ChitError('sign_in_expired', undefined);
  const { nonce, verifier, returnTo, invitation: carried } = attempt;
  const identity = await context.oidc.identityFrom(
    provider,
    { state, nonce, verifier },
    { callbackUrl, wanted: wantedClaims(provider) },
  );
  if (!isAdmitted(provider, identity.claims)) throw new ChitError('sign_in_refused', undefined);
  const provedAtMs = provedAtIn(identity.claims, context.now()) ?? UNKNOWN_TIME_MS;
  // Whoever sits at an unattended browser can take `max_age` out of the address: its answer counts.
  const isStale = !isFresh({ atMs: provedAtMs, by: 'provider' }, context.now());
  if (state.endsWith(AGAIN) && isStale) throw new ChitError('sign_in_stale', undefined);
  const by: Principal = { actor: `provider:${provider.name}`, address, user: undefined };
  const session = await turnstile.pass(() =>
    sessionFor(context, provider, {
      identity,
      browser,
      provedAtMs,
      by,
      device,
      address,
      userAgent,
      carried,
    }),
  );
  return { ...session, returnTo };
}

async function sessionFor(
  context: Context,
  provider: SignInProvider,
  arrival: {
    readonly identity: ProvenIdentity;
    readonly browser: string;
    readonly provedAtMs: number;
    readonly by: Principal;
    readonly device: string;
    readonly address: string;
    readonly userAgent: string | undefined;
    readonly carried: CarriedInvitation | undefined;
  },
): Promise<{ refresh: string; access: string; userId: number }> {
  const { identity, browser, provedAtMs, by, device, address, userAgent, carried } = arrival;
  const userId = await accountOf(context, provider, { identity, browser }, { by, carried });
  const user = await context.users.byId(userId);
  if (!user?.isActive) throw new ChitError('sign_in_disabled', undefined);
  await bringIntoLine(context, provider, { userId, claims: identity.claims, by });
  const tokens = await beginSession(context, {
    user,
    address,
    isKnownDevice: context.knownDevices.idIn(device, userId) !== undefined,
    userAgent,
    isSession: true,
    provedBy: 'provider',
    provedAtMs,
  });
  // Disabled or deleted just now, or with another password: whoever did that meant this too.
  if (!tokens) throw new ChitError('sign_in_disabled', undefined);
  await noteProvider(context, provider, { identity, userId, refresh: tokens.refresh });
  return { ...tokens, userId };
}

function ownPath(path: string | undefined): string {
  return path !== undefined && path.length <= MAX_PATH && PATH.test(path) ? path : '/';
}

function randomSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
