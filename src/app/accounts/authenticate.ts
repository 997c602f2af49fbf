import { userIdOf } from '../../auth/tokens.ts';
import { ChitError } from '../../core/errors.ts';
import type { Requester } from '../../store/accounts/requesters.ts';
import type { Context } from '../context.ts';

/** A user is cached this long, so disabling one takes effect within that time. */
const USER_CACHE_MS = 1_000;
const MAX_CACHED = 10_000;
/** The message of Simple JWT for a token that is no longer accepted. */
const INVALID = 'Token is invalid or expired';

interface CachedToken {
  readonly user: Requester;
  /** By the monotonic clock: the other one can be set back. */
  readonly userReadAtMs: number;
  readonly times: TokenTimes;
}

/** When a token was issued and when it expires, in milliseconds. */
interface TokenTimes {
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/**
 * Authenticates users by access tokens. Verifying a signature and reading the user take far longer
 * than the rest of a small request, so both are cached: the verified signature until the token
 * expires, the user for a second.
 */
export class Authenticator {
  readonly #context: Context;
  readonly #cache = new Map<string, CachedToken>();

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * The active user of an access token; not a promise if it is cached.
   * @throws ChitError `access_token_invalid`, `token_without_user`, `user_not_found`,
   *   `user_inactive`
   */
  userOf(accessToken: string): Requester | Promise<Requester> {
    const nowMs = this.#context.now();
    const cached = this.#cache.get(accessToken);
    if (cached && nowMs < cached.times.expiresAtMs) {
      if (performance.now() - cached.userReadAtMs < USER_CACHE_MS) return cached.user;
      return this.#authenticate(accessToken, cached.user.id, cached.times);
    }
    const read = this.#context.tokens.read(accessToken, 'access');
    if (!read.ok) {
      this.#cache.delete(accessToken);
      throw new ChitError('access_token_invalid', { message: read.message });
    }
    const userId = userIdOf(read.claims);
    if (userId === undefined) throw new ChitError('token_without_user', undefined);
    const { iat } = read.claims;
    const issuedAtMs = typeof iat === 'number' ? Math.floor(iat * 1000) : 0;
    return this.#authenticate(accessToken, userId, { issuedAtMs, expiresAtMs: read.expiresAtMs });
  }

  async #authenticate(accessToken: string, userId: number, times: TokenTimes): Promise<Requester> {
    const userReadAtMs = performance.now();
    const user = await this.#context.requesters.byId(userId, this.#context.now());
    if (!user?.isActive) {
      this.#cache.delete(accessToken);
      throw new ChitError(user ? 'user_inactive' : 'user_not_found', undefined);
    }
    // A cutoff of 0 means that no tokens were revoked; then a missing `iat` does not matter.
    if (user.accessCutoffAtMs > 0 && times.issuedAtMs <= user.accessCutoffAtMs) {
      this.#cache.delete(accessToken);
      throw new ChitError('access_token_invalid', { message: INVALID });
    }
    this.#context.lastSeen.note(userId, this.#context.now());
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    this.#cache.set(accessToken, { user, userReadAtMs, times });
    return user;
  }
}
