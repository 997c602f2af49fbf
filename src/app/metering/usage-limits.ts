/**
 * Rate limits of accounts and API keys: the balance limits how much is spent, these limit how fast.
 * Counted in the memory of this process, so each of several servers counts separately.
 */
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimits } from '../../core/deployment.ts';
import { ChitError } from '../../core/errors.ts';
import type { RateLimitState } from '../../core/rate-limit-state.ts';

const WINDOW_SECONDS = 60;
/** Nobody knows when a generation will end; retrying every second is cheap. */
const BUSY_RETRY_SECONDS = 1;

/** Token counts per account and minute: they are free, so no balance limits them. */
const COUNTS_PER_MINUTE = 100;
/** A text counts once for each of these, as a long one takes longer. */
const CHARACTERS_PER_COUNT = 100_000;

/** Who asks a model. */
export interface RateLimitedCaller {
  readonly accountId: number;
  readonly apiKeyId: string | undefined;
}

/** Permission to ask a model once. */
export interface Admission {
  /** The state of every limit that applies to the caller. */
  readonly states: readonly RateLimitState[];
  /** Must be called when the generation has ended, with its input and output tokens. */
  end(usageTokens: number): void;
}

const UNLIMITED: Admission = { states: [], end: () => undefined };

/** Limits of accounts and of API keys; requests with a key count for its account too. */
export class UsageLimits {
  readonly #ofAccounts: Counters;
  readonly #ofKeys: Counters;
  readonly #counts = new RateLimiterMemory({
    points: COUNTS_PER_MINUTE,
    duration: WINDOW_SECONDS,
  });

  constructor(limits: { readonly account: RateLimits; readonly key: RateLimits }) {
    this.#ofAccounts = new Counters('account', limits.account);
    this.#ofKeys = new Counters('key', limits.key);
  }

  /** Other limits hold from now on. What was used in the last minute, and what runs, counts on. */
  setLimits(limits: { readonly account: RateLimits; readonly key: RateLimits }): void {
    this.#ofAccounts.setLimits(limits.account);
    this.#ofKeys.setLimits(limits.key);
  }

  /**
   * Counts a request, unless a limit is reached. A request that one limit refuses does not count
   * for the others.
   * @param ofPlan the limits of the account's plan, which hold beside those of the site
   * @throws ChitError `rate_limited`
   */
  admit(
    { accountId, apiKeyId }: RateLimitedCaller,
    ofPlan?: RateLimits,
  ): Admission | Promise<Admission> {
    const counted: Counted[] = [];
    const ofAccount = tighterOf(this.#ofAccounts.limits, ofPlan);
    if (isLimited(ofAccount)) {
      counted.push({ counters: this.#ofAccounts, id: accountId, limits: ofAccount });
    }
    const { limits } = this.#ofKeys;
    if (apiKeyId !== undefined && isLimited(limits)) {
      counted.push({ counters: this.#ofKeys, id: apiKeyId, limits });
    }
    return counted.length === 0 ? UNLIMITED : admitBy(counted);
  }

  /**
   * Admits a request to count the tokens of a text, which is free.
   * @returns the state of the limit
   * @throws ChitError `rate_limited`
   */
  async admitCount(accountId: number, characters: number): Promise<RateLimitState> {
    const points = 1 + Math.floor(characters / CHARACTERS_PER_COUNT);
    const used = await this.#counts.penalty(accountId, points);
    const state = {
      who: 'account',
      what: 'counts',
      quota: COUNTS_PER_MINUTE,
      remaining: Math.max(0, COUNTS_PER_MINUTE - used.consumedPoints),
      windowSeconds: WINDOW_SECONDS,
      resetSeconds: Math.max(1, Math.ceil(used.msBeforeNext / 1000)),
    } as const;
    // The first of a window is admitted however long it is.
    if (used.consumedPoints <= Math.max(COUNTS_PER_MINUTE, points)) return state;
    const retryAfterSeconds = state.resetSeconds;
    throw new ChitError('rate_limited', { exceeded: state, states: [state], retryAfterSeconds });
  }
}

/** Something that is counted, for whom, and the limits that hold for it. */
interface Counted {
  readonly counters: Counters;
  readonly id: string | number;
  readonly limits: RateLimits;
}

async function admitBy(counted: readonly Counted[]): Promise<Admission> {
  const states: RateLimitState[] = [];
  const admitted: Counted[] = [];
  for (const it of counted) {
    const outcome = await it.counters.count(it.id, it.limits);
    states.push(...outcome.states);
    if (!outcome.exceeded) {
      admitted.push(it);
      continue;
    }
    for (const earlier of admitted) earlier.counters.takeBack(earlier.id, earlier.limits);
    const { exceeded } = outcome;
    const retryAfterSeconds = exceeded.resetSeconds ?? BUSY_RETRY_SECONDS;
    throw new ChitError('rate_limited', { exceeded, states, retryAfterSeconds });
  }
  const end = (usageTokens: number) => {
    for (const { counters, id, limits } of admitted) counters.end(id, limits, usageTokens);
  };
  return { states, end };
}

function isLimited(limits: RateLimits): boolean {
  const { requestsPerMinute, concurrentGenerations, usageTokensPerMinute } = limits;
  return requestsPerMinute + concurrentGenerations + usageTokensPerMinute > 0;
}

/** Both limits hold, so the lower one of each kind decides; 0 is no limit. */
function tighterOf(a: RateLimits, b: RateLimits | undefined): RateLimits {
  if (!b) return a;
  const lower = (of: keyof RateLimits) =>
    a[of] === 0 || b[of] === 0 ? a[of] + b[of] : Math.min(a[of], b[of]);
  return {
    requestsPerMinute: lower('requestsPerMinute'),
    concurrentGenerations: lower('concurrentGenerations'),
    usageTokensPerMinute: lower('usageTokensPerMinute'),
  };
}

/** What accounts, or API keys, have used of their limits. */
class Counters {
  readonly #who: 'account' | 'key';
  #limits: RateLimits;
  // Their points are in the limits: they only count.
  readonly #requests = new RateLimiterMemory({ points: 0, duration: WINDOW_SECONDS });
  readonly #usage = new RateLimiterMemory({ points: 0, duration: WINDOW_SECONDS });
  readonly #running = new Map<string | number, number>();

  constructor(who: 'account' | 'key', limits: RateLimits) {
    this.#who = who;
    this.#limits = limits;
  }

  /** Those of everybody; 0 is no limit. */
  get limits(): RateLimits {
    return this.#limits;
  }

  setLimits(limits: RateLimits): void {
    this.#limits = limits;
  }

  async count(
    id: string | number,
    limits: RateLimits,
  ): Promise<{ states: RateLimitState[]; exceeded: RateLimitState | undefined }> {
    const { requestsPerMinute, concurrentGenerations, usageTokensPerMinute } = limits;
    // The limiters are in memory, and a concurrent request is decided by the count itself.
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

  /** Undoes a count, because another limit refused the request. */
  takeBack(id: string | number, limits: RateLimits): void {
    this.#leave(id);
    if (limits.requestsPerMinute > 0) void this.#requests.reward(id);
  }

  end(id: string | number, limits: RateLimits, usageTokens: number): void {
    this.#leave(id);
    if (limits.usageTokensPerMinute > 0) void this.#usage.penalty(id, usageTokens);
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
    // The limiter ends a window by a timer, but computes this from a clock that can be set.
    const remainingSeconds = Math.ceil((window?.msBeforeNext ?? 0) / 1000);
    const resetSeconds = Math.min(WINDOW_SECONDS, Math.max(1, remainingSeconds));
    return {
      who: this.#who,
      what,
      quota,
      remaining,
      windowSeconds: WINDOW_SECONDS,
      resetSeconds,
    };
  }
}
