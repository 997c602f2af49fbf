/**
 * Asks providers of OpenID Connect who somebody is: authorization code with PKCE (RFC 7636), state
 * and nonce, as OpenID Connect Core 1.0 and RFC 9700 have it. The signature of every ID token is
 * verified by the keys of its provider.
 */
import type * as OpenIdClient from 'openid-client';
import { ChitError, hasCode } from '../../core/errors.ts';
import type { SignInProvider } from '../../core/sign-in-provider.ts';
import { CachedFetch, type Fetch } from './cached-fetch.ts';
import { type LogoutRequest, readLogoutToken } from './logout-token.ts';
import { ProviderHealth, type ProviderStep } from './provider-health.ts';
import { NO_KEYS, signInFaultOf } from './sign-in-fault.ts';

/** How long a provider may take for an answer. */
const TIMEOUT_SECONDS = 10;

/** What has to come back from the provider as it was sent. */
export interface SignInSecrets {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE. */
  readonly verifier: string;
}

/** Who somebody is, as a provider says. */
export interface ProvenIdentity {
  /** The claim `iss`, which has been verified. */
  readonly issuer: string;
  /** The claim `sub`: who it is, for this issuer only and for ever. */
  readonly subject: string;
  /** Those of the ID token, and of the user info where that has more. */
  readonly claims: Claims;
  /** As it came. */
  readonly idToken: string;
  /** The claim `iat` of the ID token. */
  readonly issuedAtMs: number;
}

/** What a provider offers, as it says of itself. */
export interface ProviderFacts {
  /** How many keys for signatures it publishes. */
  readonly keys: number;
  readonly hasUserInfo: boolean;
  /** RP-initiated logout. */
  readonly hasSignOut: boolean;
  readonly hasBackChannelLogout: boolean;
  /** Whether its tokens for that name sessions. */
  readonly namesSessions: boolean;
}

export type Claims = Readonly<Record<string, unknown>>;

/** The clients of this site at the providers of `chit.json`. */
export class OidcClients {
  readonly #fetch: CachedFetch;
  readonly #now: () => number;
  /** How they have done lately. */
  readonly health = new ProviderHealth();

  constructor({ fetch, now }: { readonly fetch: Fetch; readonly now: () => number }) {
    this.#fetch = new CachedFetch({ fetch, now });
    this.#now = now;
  }

  /**
   * Where the browser goes to sign in.
   * @param isAgain whether the provider shall ask who it is even if it knows
   * @throws ChitError `sign_in_unreachable`
   */
  async authorizationUrl(
    provider: SignInProvider,
    { state, nonce, verifier }: SignInSecrets,
    { redirectUri, isAgain }: { readonly redirectUri: string; readonly isAgain: boolean },
  ): Promise<string> {
    const client = await import('openid-client');
    const configuration = await this.#discover(client, provider);
    return client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: provider.scopes.join(' '),
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(isAgain ? againFor(provider) : {}),
    }).href;
  }

  /**
   * Exchanges the code for an ID token, and checks all of it.
   * @param callbackUrl the redirect URI with the parameters with which the browser came back
   * @param wanted claims that are asked of the user info if the ID token does not have them
   * @throws ChitError `sign_in_unreachable`, `sign_in_denied`, `sign_in_failed`, with the cause
   */
  async identityFrom(
    provider: SignInProvider,
    { state, nonce, verifier }: SignInSecrets,
    { callbackUrl, wanted }: { readonly callbackUrl: URL; readonly wanted: readonly string[] },
  ): Promise<ProvenIdentity> {
    const client = await import('openid-client');
    const configuration = await this.#discover(client, provider);
    try {
      const tokens = await client.authorizationCodeGrant(configuration, callbackUrl, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const token = tokens.claims();
      if (!token) throw new Error('There is no ID token.');
      const isComplete = wanted.every((name) => name in token);
      const hasUserInfo = configuration.serverMetadata().userinfo_endpoint !== undefined;
      const claims =
        isComplete || !hasUserInfo
          ? { ...token }
          : withUserInfo(
              token,
              await client.fetchUserInfo(configuration, tokens.access_token, token.sub),
            );
      this.health.noteSuccess(provider.name, this.#now());
      return {
        issuer: token.iss,
        subject: token.sub,
        claims,
        idToken: tokens.id_token ?? '',
        issuedAtMs: Math.floor(token.iat * 1000),
      };
    } catch (error) {
      const failure = signInError(error);
      // That somebody has cancelled is no fault.
      if (failure.code !== 'sign_in_denied') this.#noteFailure(provider, 'sign_in', error);
      throw failure;
    }
  }

  /**
   * Where the browser goes to be signed out at the provider (OpenID Connect RP-Initiated Logout
   * 1.0); undefined if the provider does not offer it, or cannot be reached.
   * @param idToken says who is to be signed out, so that the provider need not ask; one that has
   *   expired will do
   */
  async signOutUrl(
    provider: SignInProvider,
    { returnTo, idToken }: { readonly returnTo: string; readonly idToken: string | undefined },
  ): Promise<string | undefined> {
    const client = await import('openid-client');
    try {
      const configuration = await this.#discover(client, provider);
      if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
      return client.buildEndSessionUrl(configuration, {
        post_logout_redirect_uri: returnTo,
        ...(idToken === undefined ? {} : { id_token_hint: idToken }),
      }).href;
    } catch {
      return undefined;
    }
  }

  /**
   * Reads a token with which a provider signs somebody out.
   * @throws ChitError `logout_token_refused`, `sign_in_unreachable`
   */
  async logoutIn(provider: SignInProvider, token: string, nowMs: number): Promise<LogoutRequest> {
    const { issuer, clientId } = provider;
    try {
      const expected = { issuer, clientId, nowMs };
      return await readLogoutToken(token, expected, () => this.#keysOf(provider));
    } catch (error) {
      if (hasCode(error, 'logout_token_refused')) {
        const { reason } = error.details;
        const at = { atMs: this.#now(), step: 'sign_out' } as const;
        this.health.noteFailure(provider.name, { ...at, code: 'other', reason });
      }
      throw error;
    }
  }

  /**
   * Asks a provider anew what it says of itself, and for its keys.
   * @throws ChitError `sign_in_unreachable`, with the cause
   */
  async check(provider: SignInProvider): Promise<ProviderFacts> {
    this.#fetch.forget();
    const client = await import('openid-client');
    const metadata = (await this.#discover(client, provider)).serverMetadata();
    const keys = usableKeysIn(await this.#keysOf(provider));
    this.health.noteSuccess(provider.name, this.#now());
    return {
      keys,
      hasUserInfo: metadata.userinfo_endpoint !== undefined,
      hasSignOut: metadata.end_session_endpoint !== undefined,
      hasBackChannelLogout: metadata.backchannel_logout_supported === true,
      namesSessions: metadata.backchannel_logout_session_supported === true,
    };
  }

  /** The keys of a provider. @throws ChitError `sign_in_unreachable`, with the cause */
  async #keysOf(provider: SignInProvider): Promise<unknown> {
    const client = await import('openid-client');
    const { jwks_uri: url } = (await this.#discover(client, provider)).serverMetadata();
    try {
      if (url === undefined) throw new Error('The provider names no address of its keys.');
      const signal = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
      const headers = { accept: 'application/json' };
      const response = await this.#fetch.fetch(url, { method: 'GET', headers, signal });
      if (!response.ok) throw new Error(`Its keys cannot be fetched: status ${response.status}.`);
      const keys: unknown = await response.json();
      if (usableKeysIn(keys) === 0) {
        const message = 'It publishes no key for signatures (RS256, ES256 and so on).';
        throw Object.assign(new Error(message), { code: NO_KEYS });
      }
      return keys;
    } catch (cause) {
      this.#noteFailure(provider, 'ask', cause);
      throw new ChitError('sign_in_unreachable', undefined, { cause });
    }
  }

  async #discover(
    client: typeof OpenIdClient,
    provider: SignInProvider,
  ): Promise<OpenIdClient.Configuration> {
    const { issuer, clientId, clientSecret } = provider;
    const isInsecure = issuer.startsWith('http:');
    const extensions = [
      // Otherwise only TLS would vouch for the ID token.
      client.enableNonRepudiationChecks,
      ...(isInsecure ? [client.allowInsecureRequests] : []),
    ];
    try {
      return await client.discovery(
        new URL(issuer),
        clientId,
        undefined,
        authenticationWith(client, clientSecret),
        {
          execute: extensions,
          timeout: TIMEOUT_SECONDS,
          [client.customFetch]: (url, options) => this.#fetch.fetch(url, options as RequestInit),
        },
      );
    } catch (cause) {
      this.#noteFailure(provider, 'ask', cause);
      throw new ChitError('sign_in_unreachable', undefined, { cause });
    }
  }

  #noteFailure({ name }: SignInProvider, step: ProviderStep, error: unknown): void {
    this.health.noteFailure(name, { ...signInFaultOf(error), atMs: this.#now(), step });
  }
}

/** How many keys of a set can have signed a token: public ones that are not for encryption. */
function usableKeysIn(keys: unknown): number {
  const { keys: all } = (keys ?? {}) as { readonly keys?: unknown };
  if (!Array.isArray(all)) return 0;
  const isUsable = (it: { readonly kty?: unknown; readonly use?: unknown } | null) =>
    ['RSA', 'EC', 'OKP'].includes(String(it?.kty)) && it?.use !== 'enc';
  return all.filter(isUsable).length;
}

/** Google refuses `prompt=login`, and knows no other way. */
function againFor({ issuer }: SignInProvider): Record<string, string> {
  const isGoogle = issuer === 'https://accounts.google.com';
  return isGoogle ? { max_age: '0' } : { max_age: '0', prompt: 'login' };
}

/** In the header where the provider takes it so, which all have to do (RFC 6749, 2.3.1). */
function authenticationWith(
  client: typeof OpenIdClient,
  clientSecret: string | undefined,
): OpenIdClient.ClientAuth {
  if (clientSecret === undefined) return client.None();
  const basic = client.ClientSecretBasic(clientSecret);
  const post = client.ClientSecretPost(clientSecret);
  return (server, metadata, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const isBasic = methods.includes('client_secret_basic');
    (isBasic ? basic : post)(server, metadata, body, headers);
  };
}

/**
 * The ID token is signed, so it comes first; an address is only verified where it is named. When
 * somebody signed in is said by the ID token alone (OpenID Connect Core 1.0, 2): among the claims
 * of a person may be one of that name which people fill in themselves.
 */
function withUserInfo(token: Claims, userInfo: Claims): Claims {
  const { email_verified: isVerified, auth_time: _, ...rest } = userInfo;
  const isItsAddress = token.email === undefined || token.email === userInfo.email;
  return {
    ...rest,
    ...(isItsAddress && isVerified !== undefined ? { email_verified: isVerified } : {}),
    ...token,
  };
}

/** Network failures of Fetch are TypeErrors, and so are wrong uses of it, which are ours. */
function signInError(error: unknown): ChitError {
  const options = { cause: error };
  const { code, error: answer, status } = error as Partial<Record<string, unknown>>;
  if (answer === 'access_denied' && code === 'OAUTH_AUTHORIZATION_RESPONSE_ERROR') {
    return new ChitError('sign_in_denied', undefined, options);
  }
  const isBroken = typeof status === 'number' && status >= 500;
  const isSilent = error instanceof TypeError || code === 'OAUTH_TIMEOUT';
  return new ChitError(isSilent || isBroken ? 'sign_in_unreachable' : 'sign_in_failed', undefined, {
    ...options,
  });
}
