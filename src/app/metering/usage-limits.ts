/**
 * Rate limits of accounts and API keys: the balance limits how much is spent, these limit how fast.
 * Counted in memory, and with the other servers on the database (`shared-counts.ts`).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RateLimits } from '../../core/deployment.ts';
import { ChitError } from '../../core/errors.ts';
import type { RateLimitState } from '../../core/rate-limit-state.ts';
import { type Count, SharedCounts, type ShareLimits, WINDOW_MS } from './shared-counts.ts';

const WINDOW_SECONDS = WINDOW_MS / 1000;
/** Nobody knows when a generation will end; retrying every second is cheap. */
const BUSY_RETRY_SECONDS = 1;
/** What has just ended on another server is given back within moments, so it is asked again. */
const BUSY_ASKS = 6;
const BUSY_ASK_MS = 50;
/** Others may take what was given first. */
const ASKS = 3;

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

interface LimitsOfSite {
  readonly account: RateLimits;
  readonly key: RateLimits;
}

/** Limits of accounts and of API keys; requests with a key count for its account too. */
export class UsageLimits {
  /** What was counted. */
  readonly counts: SharedCounts;
  #limits: LimitsOfSite;

  /** @param share how limits are shared with other servers; undefined if there can be none */
  constructor(limits: LimitsOfSite, share?: ShareLimits) {
    this.#limits = limits;
    this.counts = new SharedCounts(share);
  }

  /** Other limits hold from now on. What was used in the last minute, and what runs, counts on. */
  setLimits(limits: LimitsOfSite): void {
    this.#limits = limits;
  }

  /**
   * Counts a request, unless a limit is reached. A request that one limit refuses does not count
   * for the others. Waits for the database only if other servers are on it, and this one has
   * nothing left of what it has taken ahead.
   * @param ofPlan the limits of the account's plan, which hold beside those of the site
   * @throws ChitError `rate_limited`
   */
  admit(
    { accountId, apiKeyId }: RateLimitedCaller,
    ofPlan?: RateLimits,
  ): Admission | Promise<Admission> {
    const limited: Limited[] = [];
    const ofAccount = tighterOf(this.#limits.account, ofPlan);
    if (isLimited(ofAccount)) limited.push(this.#limited('account', accountId, ofAccount));
    const { key } = this.#limits;
    if (apiKeyId !== undefined && isLimited(key)) {
      limited.push(this.#limited('key', apiKeyId, key));
    }
    if (limited.length === 0) return UNLIMITED;
    return this.#lacking(limited).length === 0
      ? this.#decide(limited)
      : this.#askAndDecide(limited);
  }

  /**
   * Admits a request to count the tokens of a text, which is free.
   * @returns the state of the limit
   * @throws ChitError `rate_limited`
   */
  async admitCount(accountId: number, characters: number): Promise<RateLimitState> {
    const points = 1 + Math.floor(characters / CHARACTERS_PER_COUNT);
    const { counts } = this;
    const count = counts.of('counts', accountId, true);
    // The first of a window is admitted however long it is.
    const needed = Math.min(points, COUNTS_PER_MINUTE);
    for (let asks = 0; asks < ASKS; asks += 1) {
      if (counts.room(count, COUNTS_PER_MINUTE) >= needed || !counts.mayAsk(count)) break;
      await counts.ask(count, needed);
    }
    const isAdmitted = counts.room(count, COUNTS_PER_MINUTE) >= needed;
    if (isAdmitted) counts.spend(count, points);
    const used = isAdmitted ? totalOf(count) : COUNTS_PER_MINUTE;
    const state = windowState('account', 'counts', COUNTS_PER_MINUTE, { count, used });
    if (isAdmitted) return state;
    const retryAfterSeconds = state.resetSeconds;
    throw new ChitError('rate_limited', { exceeded: state, states: [state], retryAfterSeconds });
  }

  #limited(who: 'account' | 'key', id: string | number, limits: RateLimits): Limited {
    const { counts } = this;
    return {
      who,
      id,
      limits,
      running: counts.of(RUNNING[who], id, false),
      usage: limits.usageTokensPerMinute > 0 ? counts.of(USAGE[who], id, true) : undefined,
      requests: limits.requestsPerMinute > 0 ? counts.of(REQUESTS[who], id, true) : undefined,
    };
  }

  /** What has to be asked for. */
  #lacking(limited: readonly Limited[]): Count[] {
    const { counts } = this;
    if (!counts.isShared) return [];
    const lacking: Count[] = [];
    for (const { limits, running, usage, requests } of limited) {
      const { concurrentGenerations: quota } = limits;
      const isFull = quota > 0 && running.spent >= quota;
      if (quota > 0 && !isFull && counts.room(running, quota) < 1) lacking.push(running);
      for (const [count, most] of [
        [usage, limits.usageTokensPerMinute],
        [requests, limits.requestsPerMinute],
      ] as const) {
        if (count && counts.room(count, most) < 1 && counts.mayAsk(count)) lacking.push(count);
      }
    }
    return lacking;
  }

  async #askAndDecide(limited: readonly Limited[]): Promise<Admission> {
    for (let asks = 0; asks < BUSY_ASKS; asks += 1) {
      const lacking = this.#lacking(limited);
      const isBusy = lacking.some((count) => !count.hasWindow);
      if (lacking.length === 0 || (!isBusy && asks >= ASKS)) break;
      if (asks > 0 && isBusy) await sleep(BUSY_ASK_MS);
      await Promise.all(lacking.map((count) => this.counts.ask(count, 1)));
    }
    return this.#decide(limited);
  }

  /** Counts a request for all that limits it, or for nothing. */
  #decide(limited: readonly Limited[]): Admission {
    const { counts } = this;
    const states: RateLimitState[] = [];
    for (const it of limited) {
      const exceeded = this.#stateOf(it, states);
      if (!exceeded) continue;
      const retryAfterSeconds = exceeded.resetSeconds ?? BUSY_RETRY_SECONDS;
      throw new ChitError('rate_limited', { exceeded, states, retryAfterSeconds });
    }
    for (const { running, requests } of limited) {
      counts.spend(running, 1);
      if (requests) counts.spend(requests, 1);
    }
    const end = (usageTokens: number) => {
      for (const { who, id, running, usage } of limited) {
        counts.leave(running);
        // Not the one above, which may be forgotten by now.
        if (usage && usageTokens > 0) counts.spend(counts.of(USAGE[who], id, true), usageTokens);
      }
    };
    return { states, end };
  }

  /**
   * Adds the states of limits, as they are once the request is counted.
   * @returns the first that is exceeded
   */
  #stateOf(
    { who, limits, running, usage, requests }: Limited,
    states: RateLimitState[],
  ): RateLimitState | undefined {
    const { counts } = this;
    const { requestsPerMinute, concurrentGenerations, usageTokensPerMinute } = limits;
    let exceeded: RateLimitState | undefined;
    if (concurrentGenerations > 0) {
      const remaining = Math.max(0, concurrentGenerations - totalOf(running) - 1);
      const state = {
        who,
        what: 'generations',
        quota: concurrentGenerations,
        remaining,
      } as const;
      states.push(state);
      if (counts.room(running, concurrentGenerations) < 1) exceeded = state;
    }
    if (usage) {
      const isSpent = counts.room(usage, usageTokensPerMinute) < 1;
      const used = isSpent ? usageTokensPerMinute : totalOf(usage);
      const state = windowState(who, 'usage-tokens', usageTokensPerMinute, { count: usage, used });
      states.push(state);
      if (isSpent) exceeded ??= state;
    }
    if (requests && !exceeded) {
      const isSpent = counts.room(requests, requestsPerMinute) < 1;
      const used = isSpent ? requestsPerMinute : totalOf(requests) + 1;
      const isFirst = requests.endsAtMs === 0;
      const state = windowState(who, 'requests', requestsPerMinute, { count: requests, used });
      states.push(isFirst ? { ...state, resetSeconds: WINDOW_SECONDS } : state);
      if (isSpent) exceeded = state;
    }
    return exceeded;
  }
}

const RUNNING = { account: 'running:account', key: 'running:key' };
const USAGE = { account: 'usage:account', key: 'usage:key' };
const REQUESTS = { account: 'requests:account', key: 'requests:key' };

/** Somebody whose requests are limited, and what is counted of them. */
interface Limited {
  readonly who: 'account' | 'key';
  readonly id: string | number;
  readonly limits: RateLimits;
  /** Counted in any case, so that a limit can be set while something runs. */
  readonly running: Count;
  readonly usage: Count | undefined;
  readonly requests: Count | undefined;
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

/** What all servers have spent or taken. */
function totalOf({ spent, others }: Count): number {
  return spent + others;
}

function windowState(
  who: 'account' | 'key',
  what: 'requests' | 'usage-tokens' | 'counts',
  quota: number,
  { count, used }: { readonly count: Count; readonly used: number },
) {
  const remainingSeconds = Math.ceil((count.endsAtMs - performance.now()) / 1000);
  return {
    who,
    what,
    quota,
    remaining: Math.max(0, quota - used),
    windowSeconds: WINDOW_SECONDS,
    resetSeconds: Math.min(WINDOW_SECONDS, Math.max(1, remainingSeconds)),
  } as const;
}
