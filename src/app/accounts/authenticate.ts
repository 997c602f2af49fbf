import { userIdOf } from '../../auth/tokens.ts';
import { ChitError } from '../../core/errors.ts';
import type { User } from '../../store/accounts/users.ts';
import type { Context } from '../context.ts';

/** A verified token is kept this long before its user is looked up again. */
const USER_FRESH_MS = 1_000;
const MAX_REMEMBERED = 10_000;
/** As Simple JWT says it of a token that it does not take any more. */
const ENDED = 'Token is invalid or expired';

interface Remembered {
  readonly user: User;
  readonly userReadAtMs: number;
  readonly token: Times;
}

/** When a token was issued and when it expires, in milliseconds. */
interface Times {
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/**
 * Turns access tokens into users. Checking a signature and reading the user take far longer than
 * the rest of a small request, so both are remembered: the signature until the token expires, the
 * user for a second, so that disabling one takes effect within that.
 */
export class Authenticator {
  readonly #context: Context;
  readonly #remembered = new Map<string, Remembered>();

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * The active user that an access token speaks for; at once if it is remembered.
   * @throws ChitError `access_token_invalid`, `token_without_user`, `user_not_found`,
   *   `user_inactive`
   */
  userOf(accessToken: string): User | Promise<User> {
    const nowMs = this.#context.now();
    const remembered = this.#remembered.get(accessToken);
    if (remembered && nowMs < remembered.token.expiresAtMs) {
      if (nowMs - remembered.userReadAtMs < USER_FRESH_MS) return remembered.user;
      return this.#remember(accessToken, remembered.user.id, remembered.token);
    }
    const read = this.#context.tokens.read(accessToken, 'access');
    if (!read.ok) {
      this.#remembered.delete(accessToken);
      throw new ChitError('access_token_invalid', { message: read.message });
    }
    const userId = userIdOf(read.claims);
    if (userId === undefined) throw new ChitError('token_without_user', undefined);
    const { iat } = read.claims;
    const issuedAtMs = typeof iat === 'number' ? Math.floor(iat * 1000) : 0;
    return this.#remember(accessToken, userId, { issuedAtMs, expiresAtMs: read.expiresAtMs });
  }

  async #remember(accessToken: string, userId: number, token: Times): Promise<User> {
    const userReadAtMs = this.#context.now();
    const user = await this.#context.users.byId(userId);
    if (!user?.isActive) {
      this.#remembered.delete(accessToken);
      throw new ChitError(user ? 'user_inactive' : 'user_not_found', undefined);
    }
    // 0 if none were ended: then it does not matter when it was issued, which some do not say.
    if (user.accessCutoffAtMs > 0 && token.issuedAtMs <= user.accessCutoffAtMs) {
      this.#remembered.delete(accessToken);
      throw new ChitError('access_token_invalid', { message: ENDED });
    }
    this.#context.lastSeen.note(userId, userReadAtMs);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(accessToken, { user, userReadAtMs, token });
    return user;
  }
}
