/**
 * How fast an account and an API key may use models. The balance limits what is spent; this limits
 * how soon. Counted in the memory of this process: each of several servers counts by itself.
 */
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimits } from '../../core/deployment.ts';
import { ChitError } from '../../core/errors.ts';
import type { RateLimitState } from '../../core/rate-limit-state.ts';

const WINDOW_SECONDS = 60;
/** A generation ends when it ends; asking again every second is no burden. */
const BUSY_RETRY_SECONDS = 1;

/** Somebody who asks a model. */
export interface Asker {
  readonly accountId: number;
  readonly apiKeyId: string | undefined;
}

/** Leave to ask a model once. */
export interface Admission {
  /** What is left of each limit that holds for the asker. */
  readonly states: readonly RateLimitState[];
  /** Must be called when the model is done, with the tokens that it read and wrote. */
  end(usageTokens: number): void;
}

const UNLIMITED: Admission = { states: [], end: () => undefined };

/** The limits of accounts and of keys; a key's requests count for its account as well. */
export class UsageLimits {
  readonly #ofAccounts: Counters;
  readonly #ofKeys: Counters;

  constructor(limits: { readonly account: RateLimits; readonly key: RateLimits }) {
    this.#ofAccounts = new Counters('account', limits.account);
    this.#ofKeys = new Counters('key', limits.key);
  }

  /**
   * Counts a request, unless one of the limits is reached. A request that is refused by one limit
   * counts for none.
   * @throws ChitError `rate_limited`
   */
  admit({ accountId, apiKeyId }: Asker): Admission | Promise<Admission> {
    const counted: [Counters, string | number][] = [];
    if (this.#ofAccounts.isLimited) counted.push([this.#ofAccounts, accountId]);
    if (apiKeyId !== undefined && this.#ofKeys.isLimited) counted.push([this.#ofKeys, apiKeyId]);
    return counted.length === 0 ? UNLIMITED : admitBy(counted);
  }
}

async function admitBy(counted: readonly [Counters, string | number][]): Promise<Admission> {
  const states: RateLimitState[] = [];
  const admitted: [Counters, string | number][] = [];
  for (const [counters, id] of counted) {
    const outcome = await counters.count(id);
    states.push(...outcome.states);
    if (!outcome.exceeded) {
      admitted.push([counters, id]);
      continue;
    }
    for (const [earlier, earlierId] of admitted) earlier.takeBack(earlierId);
    const { resetSeconds = BUSY_RETRY_SECONDS } = outcome.exceeded;
    const details = { exceeded: outcome.exceeded, states, retryAfterSeconds: resetSeconds };
    throw new ChitError('rate_limited', details);
  }
  const end = (usageTokens: number) => {
    for (const [counters, id] of admitted) counters.end(id, usageTokens);
  };
  return { states, end };
}

/** What accounts, or keys, have used of their limits. */
class Counters {
  readonly isLimited: boolean;
  readonly #who: 'account' | 'key';
  readonly #limits: RateLimits;
  readonly #requests: RateLimiterMemory;
  readonly #usage: RateLimiterMemory;
  readonly #running = new Map<string | number, number>();

  constructor(who: 'account' | 'key', limits: RateLimits) {
    this.#who = who;
    this.#limits = limits;
    const { requestsPerMinute, concurrentGenerations, usageTokensPerMinute } = limits;
    this.isLimited = requestsPerMinute + concurrentGenerations + usageTokensPerMinute > 0;
    this.#requests = new RateLimiterMemory({ points: requestsPerMinute, duration: WINDOW_SECONDS });
    this.#usage = new RateLimiterMemory({ points: usageTokensPerMinute, duration: WINDOW_SECONDS });
  }

  async count(
    id: string | number,
  ): Promise<{ states: RateLimitState[]; exceeded: RateLimitState | undefined }> {
    const { requestsPerMinute, concurrentGenerations, usageTokensPerMinute } = this.#limits;
    // From here to the counting nothing waits but for memory, and the count itself decides.
    const running = this.#running.get(id) ?? 0;
    const states: RateLimitState[] = [];
    let exceeded: RateLimitState | undefined;
    if (concurrentGenerations > 0) {
      const state = this.#state('generations', concurrentGenerations, running + 1, undefined);
      states.push(state);
      if (running >= concurrentGenerations) exceeded = state;
    }
    this.#running.set(id, running + 1);
    if (usageTokensPerMinute > 0) {
      const used = await this.#usage.get(id);
      const state = this.#state('usage-tokens', usageTokensPerMinute, used?.consumedPoints, used);
      states.push(state);
      if (state.remaining === 0) exceeded ??= state;
    }
    if (requestsPerMinute > 0 && !exceeded) {
      const used = await this.#requests.penalty(id);
      const state = this.#state('requests', requestsPerMinute, used.consumedPoints, used);
      states.push(state);
      if (used.consumedPoints > requestsPerMinute) exceeded = state;
    }
    if (exceeded) this.#leave(id);
    return { states, exceeded };
  }

  /** The request was refused by another limit after it was counted here. */
  takeBack(id: string | number): void {
    this.#leave(id);
    if (this.#limits.requestsPerMinute > 0) void this.#requests.reward(id);
  }

  end(id: string | number, usageTokens: number): void {
    this.#leave(id);
    if (this.#limits.usageTokensPerMinute > 0) void this.#usage.penalty(id, usageTokens);
  }

  #leave(id: string | number): void {
    const running = this.#running.get(id) ?? 0;
    if (running > 1) this.#running.set(id, running - 1);
    else this.#running.delete(id);
  }

  #state(
    what: RateLimitState['what'],
    quota: number,
    used = 0,
    window?: RateLimiterRes | null,
  ): RateLimitState {
    const remaining = Math.max(0, quota - used);
    if (what === 'generations') return { who: this.#who, what, quota, remaining };
    const resetSeconds = Math.max(1, Math.ceil((window?.msBeforeNext ?? 0) / 1000));
    const inWindow = { windowSeconds: WINDOW_SECONDS, resetSeconds };
    return { who: this.#who, what, quota, remaining, ...inWindow };
  }
}
