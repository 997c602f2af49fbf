/**
 * Tokens with which a provider signs somebody out (OpenID Connect Back-Channel Logout 1.0). Anybody
 * can send one, so everything about it is checked, and nothing is done before.
 */
import type * as Jose from 'jose';
import { ChitError } from '../../core/errors.ts';

/** What a provider asks for. */
export interface LogoutRequest {
  readonly issuer: string;
  /** The claim `jti`: the token counts once. */
  readonly tokenId: string;
  /** The claim `sid`: the session there; undefined for all of somebody. */
  readonly session: string | undefined;
  /** The claim `sub`; undefined if the provider names the session only. */
  readonly subject: string | undefined;
  readonly issuedAtMs: number;
  /** Until then it is accepted, if it has not been used. */
  readonly expiresAtMs: number;
}

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Signatures by keys that a provider publishes: never `none`, nor by a secret of both sides. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** Another kind of token says so (RFC 8725, 3.11); providers of before 2022 give no kind. */
const KINDS: readonly unknown[] = [undefined, 'JWT', 'logout+jwt', 'application/logout+jwt'];
const MOST_CHARACTERS = 20_000;
const MOST_NAME = 1_000;
/** The specification advises providers to let them last for two minutes. */
const MOST_AGE_SECONDS = 300;
/** Clocks differ a little. */
const TOLERANCE_SECONDS = 60;

/**
 * Reads a token after checking all of it (2.6 of the specification).
 * @param keysOf fetches the keys of the provider, as JWKS
 * @throws ChitError `logout_token_refused`; what `keysOf` throws
 */
export async function readLogoutToken(
  token: string,
  expected: { readonly issuer: string; readonly clientId: string; readonly nowMs: number },
  keysOf: () => Promise<unknown>,
): Promise<LogoutRequest> {
  if (token === '' || token.length > MOST_CHARACTERS) throw refused('There is no logout token.');
  const jose = await import('jose');
  checkHeader(jose, token);
  const keys = await keysOf();
  const claims = await verified(jose, token, { ...expected, keys });
  const { iss: issuer, jti: tokenId, azp, events, nonce, sub, sid, iat = 0 } = claims;
  if (azp !== undefined && azp !== expected.clientId) throw refused('It is for another client.');
  if (!isEvent(events)) throw refused(`It has no event ${EVENT}.`);
  if (nonce !== undefined) throw refused('It has a nonce, so it is an ID token.');
  if (!isName(tokenId)) throw refused('It has no id (jti).');
  if (!isOptionalName(sub) || !isOptionalName(sid)) throw refused('Its sub or sid is no text.');
  if (sub === undefined && sid === undefined) throw refused('It names neither sub nor sid.');
  return {
    issuer: issuer as string,
    tokenId,
    session: sid,
    subject: sub,
    issuedAtMs: Math.floor(iat * 1000),
    expiresAtMs: Math.floor(iat + MOST_AGE_SECONDS + TOLERANCE_SECONDS) * 1000 + 1000,
  };
}

/** Before anything is fetched for it. */
function checkHeader(jose: typeof Jose, token: string): void {
  let header: Jose.ProtectedHeaderParameters;
  try {
    header = jose.decodeProtectedHeader(token);
  } catch {
    throw refused('It is no signed token.');
  }
  if (!ALGORITHMS.includes(header.alg ?? '')) {
    throw refused('It is not signed by a key that the provider publishes (alg).');
  }
  if (!KINDS.includes(header.typ)) throw refused('It is a token of another kind (typ).');
}

async function verified(
  jose: typeof Jose,
  token: string,
  expected: {
    readonly issuer: string;
    readonly clientId: string;
    readonly nowMs: number;
    readonly keys: unknown;
  },
): Promise<Jose.JWTPayload> {
  const { issuer, clientId, nowMs, keys } = expected;
  try {
    const keySet = jose.createLocalJWKSet(keys as Jose.JSONWebKeySet);
    const { payload } = await jose.jwtVerify(token, keySet, {
      algorithms: ALGORITHMS,
      issuer,
      audience: clientId,
      requiredClaims: ['iat', 'jti'],
      // It is checked where there is one: before 2022 the specification had none.
      maxTokenAge: MOST_AGE_SECONDS,
      clockTolerance: TOLERANCE_SECONDS,
      currentDate: new Date(nowMs),
    });
    return payload;
  } catch (cause) {
    // The cause has all that the token says, which is nothing for a log.
    throw refused(reasonOf(jose, cause));
  }
}

function reasonOf({ errors }: typeof Jose, cause: unknown): string {
  if (cause instanceof errors.JWTExpired) return 'It has expired, or was issued too long ago.';
  if (cause instanceof errors.JWTClaimValidationFailed) {
    const { claim } = cause;
    if (claim === 'iss') return 'It is of another issuer.';
    if (claim === 'aud') return 'It is for another client (aud).';
    return `Its ${claim} is missing or wrong.`;
  }
  return 'Its signature is not of a key that the provider publishes.';
}

function isEvent(events: unknown): boolean {
  const isObject = (it: unknown) => typeof it === 'object' && it !== null && !Array.isArray(it);
  if (!isObject(events) || !Object.hasOwn(events as object, EVENT)) return false;
  return isObject((events as Record<string, unknown>)[EVENT]);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MOST_NAME;
}

function isOptionalName(value: unknown): value is string | undefined {
  return value === undefined || isName(value);
}

function refused(reason: string): ChitError<'logout_token_refused'> {
  return new ChitError('logout_token_refused', { reason });
}
