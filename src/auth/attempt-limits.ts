/** Limits on failed logins and on sign-ups, in the memory of this process. */
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { ChitError } from '../core/errors.ts';

const FAILED_LOGINS = 10;
const FAILED_LOGINS_WINDOW_SECONDS = 15 * 60;
const HOUR_SECONDS = 3600;

/**
 * Failed logins, counted per username and address. Attempts with the same pair are checked one
 * after the other, so parallel guesses get no more tries than sequential ones.
 */
export class LoginLimit {
  readonly #failures = new RateLimiterMemory({
    points: FAILED_LOGINS,
    duration: FAILED_LOGINS_WINDOW_SECONDS,
  });
  readonly #turns = new Map<string, Promise<unknown>>();

  /**
   * Runs a password check, unless this username and address failed too often.
   * @param check resolves to undefined if the password was wrong
   * @throws ChitError `throttled`
   */
  async attempt<T>(
    who: { readonly username: string; readonly address: string },
    check: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const key = JSON.stringify([who.username, who.address]);
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(() => this.#check(key, check));
    const settled = turn.catch(() => undefined);
    this.#turns.set(key, settled);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(key) === settled) this.#turns.delete(key);
    }
  }

  async #check<T>(key: string, check: () => Promise<T | undefined>): Promise<T | undefined> {
    const earlier = await this.#failures.get(key);
    if (earlier && earlier.consumedPoints >= FAILED_LOGINS) throw throttled(earlier.msBeforeNext);
    const result = await check();
    if (result === undefined) await this.#failures.penalty(key);
    return result;
  }
}

/** Counts sign-ups per address. */
export class SignupLimit {
  readonly #signups: RateLimiterMemory | undefined;

  /** @param perHour 0 for no limit */
  constructor(perHour: number) {
    this.#signups =
      perHour > 0 ? new RateLimiterMemory({ points: perHour, duration: HOUR_SECONDS }) : undefined;
  }

  /** @throws ChitError `throttled` */
  async count(address: string): Promise<void> {
    try {
      await this.#signups?.consume(address);
    } catch (refusal) {
      throw throttled((refusal as { msBeforeNext: number }).msBeforeNext);
    }
  }
}

function throttled(waitMs: number): ChitError<'throttled'> {
  return new ChitError('throttled', { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });
}
