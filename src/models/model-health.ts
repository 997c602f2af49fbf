/** How often each model itself answered lately, whatever its fallbacks did in its place. */
import { ProviderFailure } from './provider-failure.ts';
import { refusalKind } from './provider-refusal.ts';

const BUCKET_MS = 60_000;
const BUCKETS = 60;
/** A model counts as failing after so many failures without an answer in between. */
const FAILURES_IN_A_ROW = 3;
/** What became of one request to a model. */
export type Attempt = 'answered' | 'failed' | 'neither';

/** The attempts of the last hour, on this server. */
export interface OwnHealth {
  readonly answered: number;
  readonly failed: number;
  /** Whether it has failed several times in a row and not answered since. */
  readonly isFailing: boolean;
}

/** A model began to fail, or answered again. */
export interface HealthChange {
  readonly model: string;
  readonly isFailing: boolean;
  /** What was thrown last. */
  readonly cause: unknown;
}

interface Bucket {
  readonly nth: number;
  answered: number;
  failed: number;
}

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
  readonly #nowMs: () => number;
  /** Called once when a model begins to fail, and once when it answers again. */
  onChange: (change: HealthChange) => void = () => undefined;

  /** @param nowMs a clock that is never set back */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  record(model: string, attempt: Attempt, cause?: unknown): void {
    if (attempt === 'neither') return;
    const attempts = this.#attempts.get(model) ?? new Attempts();
    this.#attempts.set(model, attempts);
    const nth = Math.floor(this.#nowMs() / BUCKET_MS);
    attempts.expire(nth);
    let bucket = attempts.buckets.at(-1);
    if (bucket?.nth !== nth) {
      bucket = { nth, answered: 0, failed: 0 };
      attempts.buckets.push(bucket);
    }
    bucket[attempt] += 1;
    const wasFailing = attempts.isFailing;
    attempts.failuresInARow = attempt === 'failed' ? attempts.failuresInARow + 1 : 0;
    const { isFailing } = attempts;
    if (isFailing !== wasFailing) this.onChange({ model, isFailing, cause });
  }

  of(model: string): OwnHealth {
    const attempts = this.#attempts.get(model) ?? new Attempts();
    attempts.expire(Math.floor(this.#nowMs() / BUCKET_MS));
    let answered = 0;
    let failed = 0;
    for (const bucket of attempts.buckets) {
      answered += bucket.answered;
      failed += bucket.failed;
    }
    return { answered, failed, isFailing: attempts.isFailing };
  }
}

/** Whether what a model threw speaks against it rather than against the request. */
export function isOwnFailure(cause: unknown): boolean {
  return !(cause instanceof ProviderFailure) || refusalKind(cause) !== 'request';
}
