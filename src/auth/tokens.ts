/**
 * JSON Web Tokens (RFC 7519, HS256) with the claims of Simple JWT, so that a Django site and Chit
 * accept each other's tokens if they share a key.
 */
import { randomBytes } from 'node:crypto';
import { createSigner, createVerifier } from 'fast-jwt';
import { type Proof, proofKindIn } from '../core/proofs.ts';

export type TokenType = 'access' | 'refresh';

export interface Claims {
  readonly token_type?: unknown;
  readonly exp?: unknown;
  readonly iat?: unknown;
  readonly jti?: unknown;
  readonly user_id?: unknown;
  /** When the user proved who they are, in seconds (OpenID Connect Core 1.0, section 2). */
  readonly auth_time?: unknown;
  /** How; a `ProofKind`. */
  readonly proved_by?: unknown;
  /** The session that the token is of. */
  readonly sid?: unknown;
}

/** What a token can have of its own. */
export interface OwnClaims {
  /** The id of a session that it goes on with. */
  readonly jti?: string;
  /** An expiry other than its type's. */
  readonly expiresAtMs?: number;
  /** The last proof of who the user is. */
  readonly proof?: Proof | undefined;
  /** The session of an access token. */
  readonly session?: string | undefined;
}

/** The claims of a valid token, or Simple JWT's message for an invalid one. */
export type ReadToken =
  | { readonly ok: true; readonly claims: Claims; readonly expiresAtMs: number }
  | { readonly ok: false; readonly message: string };

export interface IssuedToken {
  readonly token: string;
  readonly jti: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

export interface TokenSettings {
  readonly secretKey: string;
  readonly accessMinutes: number;
  readonly refreshDays: number;
  /** How long a browser stays signed in after it was last used. */
  readonly sessionDays: number;
  /** How long at most, however often it is used. */
  readonly sessionMostDays: number;
}

const INVALID: ReadToken = { ok: false, message: 'Token is invalid or expired' };

/** Issues and verifies the tokens of one installation. */
export class Tokens {
  readonly #sign: (claims: object) => string;
  readonly #verify: (token: string) => unknown;
  /** Lifetimes of tokens; `session`: of the refresh token in a browser's cookie. */
  readonly lifetimeMs: Readonly<Record<TokenType | 'session', number>>;
  /** How long a session of a browser lasts at most from its beginning. */
  readonly mostSessionMs: number;

  constructor(settings: TokenSettings) {
    this.#sign = createSigner({ key: settings.secretKey, algorithm: 'HS256' });
    this.#verify = createVerifier({ key: settings.secretKey, algorithms: ['HS256'] });
    this.lifetimeMs = {
      access: settings.accessMinutes * 60_000,
      refresh: settings.refreshDays * 86_400_000,
      session: settings.sessionDays * 86_400_000,
    };
    this.mostSessionMs = settings.sessionMostDays * 86_400_000;
  }

  /**
   * Issues a token. Like Simple JWT's, its times have one-second resolution.
   */
  issue(type: TokenType, userId: number, atMs: number, own: OwnClaims = {}): IssuedToken {
    const iat = Math.floor(atMs / 1000);
    const exp = Math.floor((own.expiresAtMs ?? iat * 1000 + this.lifetimeMs[type]) / 1000);
    const jti = own.jti ?? randomBytes(16).toString('hex');
    const { proof, session } = own;
    const token = this.#sign({
      token_type: type,
      exp,
      iat,
      jti,
      user_id: userId,
      ...(proof ? { auth_time: Math.floor(proof.atMs / 1000), proved_by: proof.by } : {}),
      ...(session === undefined ? {} : { sid: session }),
    });
    return { token, jti, issuedAtMs: iat * 1000, expiresAtMs: exp * 1000 };
  }

  /**
   * Verifies signature, times and claims, in the same order as Simple JWT.
   * @param type the expected type, or 'any'
   */
  read(token: string, type: TokenType | 'any'): ReadToken {
    let claims: Claims;
    try {
      claims = this.#verify(token) as Claims;
    } catch {
      return INVALID;
    }
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return INVALID;
    if (claims.exp === undefined) return fault("Token has no 'exp' claim");
    // Simple JWT writes whole seconds; others may not, but stored times are whole milliseconds.
    const expiresAtMs = typeof claims.exp === 'number' ? Math.floor(claims.exp * 1000) : undefined;
    if (!Number.isSafeInteger(expiresAtMs)) return INVALID;
    if (claims.jti === undefined) return fault('Token has no id');
    if (type !== 'any') {
      if (claims.token_type === undefined) return fault('Token has no type');
      if (claims.token_type !== type) return fault('Token has wrong type');
    }
    return { ok: true, claims, expiresAtMs: expiresAtMs as number };
  }
}

/** The user id of a token. Newer versions of Simple JWT write it as a string. */
export function userIdOf(claims: Claims): number | undefined {
  const { user_id: id } = claims;
  const value = typeof id === 'string' && /^\d{1,16}$/.test(id) ? Number(id) : id;
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

/** The last proof of who the user is in an access token; undefined if it has none. */
export function proofOf({ auth_time: seconds, proved_by }: Claims): Proof | undefined {
  const by = proofKindIn(proved_by);
  const atMs = typeof seconds === 'number' ? Math.floor(seconds * 1000) : undefined;
  return by && atMs !== undefined && Number.isSafeInteger(atMs) ? { atMs, by } : undefined;
}

/** The session of an access token; undefined if it was issued by another site. */
export function sessionOf({ sid }: Claims): string | undefined {
  return typeof sid === 'string' ? sid : undefined;
}

function fault(message: string): ReadToken {
  return { ok: false, message };
}
