/**
 * Signing out where a provider began the session: there when somebody signs out here, and here when
 * the provider says so.
 */
import type { ProvenIdentity } from '../../../auth/oidc/oidc-clients.ts';
import { ChitError } from '../../../core/errors.ts';
import type { SignInProvider } from '../../../core/sign-in-provider.ts';
import type { Context } from '../../context.ts';
import { auditEntry } from '../../principal.ts';
import { sessionIn } from '../issue-tokens.ts';
import { providerNamed, providers } from './providers.ts';

/** A longer one does not fit into an address that every provider takes. */
const MOST_ID_TOKEN = 4_000;

/**
 * Notes what a new session has from its provider.
 * @throws ChitError `sign_in_expired`, with the session ended, if the provider has signed its user
 *   out since it issued the ID token
 */
export async function noteProvider(
  context: Context,
  provider: SignInProvider,
  by: {
    readonly identity: ProvenIdentity;
    readonly userId: number;
    readonly refresh: string;
  },
): Promise<void> {
  const { identity, userId, refresh } = by;
  const jti = sessionOf(context, refresh);
  if (jti === undefined) return;
  const { issuer, subject, idToken, issuedAtMs, claims } = identity;
  const session = typeof claims.sid === 'string' ? claims.sid : undefined;
  const isKept = provider.signsOut && idToken !== '' && idToken.length <= MOST_ID_TOKEN;
  await context.providerSessions.note(jti, {
    provider: provider.name,
    issuer,
    session,
    sealedIdToken: isKept ? context.idTokenSeal.seal(idToken) : undefined,
    expiresAtMs: context.now() + context.tokens.mostSessionMs,
  });
  const isOut = await context.providerSessions.isSignedOut(
    { issuer, session, subject },
    issuedAtMs,
  );
  if (!isOut) return;
  await context.refreshTokens.revokeOf(userId, { jti }, context.now);
  throw new ChitError('sign_in_expired', undefined);
}

/** Signing out at the provider of a session. */
export interface ProviderSignOut {
  readonly provider: SignInProvider;
  readonly idToken: string | undefined;
}

/**
 * What signing out at the provider needs; to be asked before the session ends, which forgets it.
 * @param refresh a refresh token of the session that ends
 * @returns undefined if there is nothing to do
 */
export async function providerSignOut(
  context: Context,
  refresh: string,
): Promise<ProviderSignOut | undefined> {
  const jti = sessionOf(context, refresh);
  const session = jti === undefined ? undefined : await context.providerSessions.of(jti);
  const provider = providers(context).find(({ name }) => name === session?.provider);
  if (!session || !provider?.signsOut) return undefined;
  const { sealedIdToken } = session;
  const idToken = sealedIdToken && context.idTokenSeal.open(sealedIdToken);
  return { provider, idToken: idToken || undefined };
}

/**
 * Where the browser goes to be signed out at the provider too; undefined if the provider does not
 * offer it, or cannot be reached.
 * @param returnTo the address of the site
 */
export function signOutUrl(
  context: Context,
  { provider, idToken }: ProviderSignOut,
  returnTo: string,
): Promise<string | undefined> {
  return context.oidc.signOutUrl(provider, { returnTo, idToken });
}

/**
 * Ends the sessions that a provider signs out. That there are none is no failure.
 * @throws ChitError `sign_in_unknown`, `sign_in_unreachable`, `logout_token_refused`
 */
export async function signOutByProvider(
  context: Context,
  request: { readonly provider: string; readonly token: string; readonly address: string },
): Promise<void> {
  const provider = providerNamed(context, request.provider);
  const logout = await context.oidc.logoutIn(provider, request.token, context.now());
  const { name } = provider;
  const by = { actor: `provider:${name}`, address: request.address, user: undefined } as const;
  const isFirst = await context.providerSessions.signOut(
    { ...logout, provider: name },
    context.now,
    (userId, sessions) =>
      auditEntry(by, {
        action: 'user.end_sessions',
        target: `user:${userId}`,
        after: { sessions },
      }),
  );
  if (!isFirst) throw new ChitError('logout_token_refused', { reason: 'It was used before.' });
}

function sessionOf({ tokens }: Context, refresh: string): string | undefined {
  const read = tokens.read(refresh, 'refresh');
  const jti = read.ok ? read.claims.jti : undefined;
  return typeof jti === 'string' ? sessionIn(jti).session : undefined;
}
