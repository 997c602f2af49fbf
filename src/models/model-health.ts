/** How often each model itself answered lately, whatever its fallbacks did in its place. */
import type { Unpriced } from '../core/usage.ts';
import type { RestBegun } from './provider-client/endpoints.ts';
import { ProviderFailure } from './provider-client/provider-failure.ts';
import { refusalKind } from './provider-client/refusal.ts';

const BUCKET_MS = 60_000;
const BUCKETS = 60;
/** Names of tiers come from providers, so that there can be any number of them. */
const MOST_UNPRICED_PER_MODEL = 100;
/** A model counts as failing after so many failures without an answer in between. */
const FAILURES_IN_A_ROW = 3;
/** What became of one request to a model. */
export type Attempt = 'answered' | 'failed' | 'neither';

/** A failure of a model that its client does not see, since a fallback answered. */
export interface HiddenFailure {
  readonly model: string;
  /** What was thrown. */
  readonly cause: unknown;
}

/** A fallback answered in place of the model that was asked for. */
export interface FallbackReply {
  readonly model: string;
  readonly fallback: string;
  /** Whether the request could cost more with the fallback. */
  readonly isDearer: boolean;
  /** Those of the model, and of fallbacks before this one. */
  readonly failures: readonly HiddenFailure[];
}

/** The attempts of the last hour, on this server. */
export interface OwnHealth {
  readonly answered: number;
  readonly failed: number;
  /** Requests for it that a fallback answered, and how many of these at a higher price. */
  readonly byFallback: number;
  readonly byDearerFallback: number;
  /** Whether it has failed several times in a row and not answered since. */
  readonly isFailing: boolean;
}

/** Usage that the price of a model does not cover, so that nobody pays for it. */
export interface UnpricedUsage {
  readonly model: string;
  /** A unit, or `tier:NAME`. */
  readonly unit: string;
  readonly count: number;
}

/** A model began to fail, or answered again. */
export interface HealthChange {
  readonly model: string;
  readonly isFailing: boolean;
  /** What was thrown last. */
  readonly cause: unknown;
}

type Counts = Record<'answered' | 'failed' | 'byFallback' | 'byDearerFallback', number>;

const NO_COUNTS: Readonly<Counts> = {
  answered: 0,
  failed: 0,
  byFallback: 0,
  byDearerFallback: 0,
};

type Bucket = Counts & { readonly nth: number };

class Attempts {
  buckets: Bucket[] = [];
  failuresInARow = 0;

  get isFailing(): boolean {
    return this.failuresInARow >= FAILURES_IN_A_ROW;
  }

  /** Forgets what is older than an hour. */
  expire(nth: number): void {
    const oldest = nth - BUCKETS;
    if (this.buckets[0] && this.buckets[0].nth <= oldest) {
      this.buckets = this.buckets.filter((it) => it.nth > oldest);
    }
  }
}

/** The health of models, as this server has seen it. */
export class ModelHealth {
  readonly #attempts = new Map<string, Attempts>();
  readonly #unpriced = new Map<string, Set<string>>();
  readonly #nowMs: () => number;
  /** Called once when a model begins to fail, and once when it answers again. */
  onChange: (change: HealthChange) => void = () => undefined;
  /** Called for each reply of a fallback. */
  onFallback: (reply: FallbackReply) => void = () => undefined;
  /** Called once for each unit of a model that was used without a price. */
  onUnpriced: (usage: UnpricedUsage) => void = () => undefined;
  /** Called when an endpoint of a provider begins to rest. */
  onRest: (rest: RestBegun) => void = () => undefined;

  /** Called for each request to a provider that failed before it was answered. */
  onFailure: (failure: ProviderFailure) => void = () => undefined;

  /** For providers, which may be older than whoever `onRest` and `onFailure` are set by. */
  readonly noteRest = (rest: RestBegun): void => this.onRest(rest);
  readonly noteFailure = (failure: ProviderFailure): void => this.onFailure(failure);

  /** @param nowMs a clock that is never set back */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  record(model: string, attempt: Attempt, cause?: unknown): void {
    if (attempt === 'neither') return;
    const attempts = this.#attemptsOf(model);
    this.#bucketOf(attempts)[attempt] += 1;
    const wasFailing = attempts.isFailing;
    attempts.failuresInARow = attempt === 'failed' ? attempts.failuresInARow + 1 : 0;
    const { isFailing } = attempts;
    if (isFailing !== wasFailing) this.onChange({ model, isFailing, cause });
  }

  recordFallback(reply: FallbackReply): void {
    const bucket = this.#bucketOf(this.#attemptsOf(reply.model));
    bucket.byFallback += 1;
    if (reply.isDearer) bucket.byDearerFallback += 1;
    this.onFallback(reply);
  }

  recordUnpriced(model: string, unpriced: Unpriced): void {
    const units = this.#unpriced.get(model) ?? new Set();
    this.#unpriced.set(model, units);
    for (const [unit, count] of Object.entries(unpriced)) {
      if (units.has(unit) || units.size >= MOST_UNPRICED_PER_MODEL) continue;
      units.add(unit);
      this.onUnpriced({ model, unit, count });
    }
  }

  of(model: string): OwnHealth {
    const attempts = this.#attempts.get(model) ?? new Attempts();
    attempts.expire(this.#nth());
    const sums: Counts = { ...NO_COUNTS };
    for (const bucket of attempts.buckets) {
      for (const name of Object.keys(sums) as (keyof Counts)[]) sums[name] += bucket[name];
    }
    return { ...sums, isFailing: attempts.isFailing };
  }

  #attemptsOf(model: string): Attempts {
    const attempts = this.#attempts.get(model) ?? new Attempts();
    this.#attempts.set(model, attempts);
    return attempts;
  }

  #bucketOf(attempts: Attempts): Bucket {
    const nth = this.#nth();
    attempts.expire(nth);
    const last = attempts.buckets.at(-1);
    if (last?.nth === nth) return last;
    const bucket = { nth, ...NO_COUNTS };
    attempts.buckets.push(bucket);
    return bucket;
  }

  #nth(): number {
    return Math.floor(this.#nowMs() / BUCKET_MS);
  }
}

/** Whether what a model threw speaks against it rather than against the request. */
export function isOwnFailure(cause: unknown): boolean {
  return !(cause instanceof ProviderFailure) || refusalKind(cause) !== 'request';
}
