/**
 * Asks providers of OpenID Connect who somebody is: authorization code with PKCE (RFC 7636), state
 * and nonce, as OpenID Connect Core 1.0 and RFC 9700 have it. The signature of every ID token is
 * verified by the keys of its provider.
 */
import type * as OpenIdClient from 'openid-client';
import { ChitError } from '../../core/errors.ts';
import type { SignInProvider } from '../../core/sign-in-provider.ts';
import { CachedFetch, type Fetch } from './cached-fetch.ts';

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
}

export type Claims = Readonly<Record<string, unknown>>;

/** The clients of this site at the providers of `chit.json`. */
export class OidcClients {
  readonly #fetch: CachedFetch;

  constructor({ fetch, now }: { readonly fetch: Fetch; readonly now: () => number }) {
    this.#fetch = new CachedFetch({ fetch, now });
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
      return { issuer: token.iss, subject: token.sub, claims };
    } catch (error) {
      throw signInError(error);
    }
  }

  /**
   * Where the browser goes to be signed out at the provider (OpenID Connect RP-Initiated Logout
   * 1.0); undefined if the provider does not offer it, or cannot be reached.
   */
  async signOutUrl(provider: SignInProvider, returnTo: string): Promise<string | undefined> {
    const client = await import('openid-client');
    try {
      const configuration = await this.#discover(client, provider);
      if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
      const parameters = { post_logout_redirect_uri: returnTo };
      return client.buildEndSessionUrl(configuration, parameters).href;
    } catch {
      return undefined;
    }
  }

  /**
   * Whether what a provider says of itself can be read.
   * @throws ChitError `sign_in_unreachable`, with the cause
   */
  async check(provider: SignInProvider): Promise<void> {
    await this.#discover(await import('openid-client'), provider);
  }

  async #discover(
    client: typeof OpenIdClient,
    { issuer, clientId, clientSecret }: SignInProvider,
  ): Promise<OpenIdClient.Configuration> {
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
      throw new ChitError('sign_in_unreachable', undefined, { cause });
    }
  }
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
