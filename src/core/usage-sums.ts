/** Adding up what was asked of models and charged for it: by model, by user, by period. */
import type { Credits } from './credits.ts';
import { type Durations, sumOfDurations, withDuration } from './durations.ts';

/** How long a period is. */
export type Granularity = 'hour' | 'day' | 'month';

/** The hour, the day and the month of a moment, as text in UTC: `2026-11-23T18`, … */
export type Periods = Readonly<Record<Granularity, string>>;

/** A generation that is over. */
export interface EndedUse {
  readonly userId: number;
  /** The model that answered, or that was asked if none did. */
  readonly model: string;
  readonly isAnswered: boolean;
  readonly periods: Periods;
  /** undefined if nothing was answered. */
  readonly durationMs: number | undefined;
  readonly chargedCredits: Credits;
  readonly shortfallCredits: Credits;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}

/** A charge that was given back. */
export interface RefundedUse {
  readonly model: string;
  readonly periods: Periods;
  readonly credits: Credits;
}

/** Sums for one model, or for all of them. */
export interface ModelSums {
  readonly messages: number;
  readonly failed: number;
  readonly charged: Credits;
  readonly shortfall: Credits;
  readonly refunded: Credits;
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  readonly durations: Durations;
}

/** Sums for one user. */
export interface UserSums {
  readonly messages: number;
  readonly failed: number;
  readonly charged: Credits;
  readonly input: number;
  readonly output: number;
}

export const NO_MODEL_SUMS: ModelSums = {
  messages: 0,
  failed: 0,
  charged: 0,
  shortfall: 0,
  refunded: 0,
  input: 0,
  cachedInput: 0,
  output: 0,
  durations: [],
};

export const NO_USER_SUMS: UserSums = { messages: 0, failed: 0, charged: 0, input: 0, output: 0 };

/** The sums of both. */
export function addModelSums(a: ModelSums, b: ModelSums): ModelSums {
  return {
    messages: a.messages + b.messages,
    failed: a.failed + b.failed,
    charged: a.charged + b.charged,
    shortfall: a.shortfall + b.shortfall,
    refunded: a.refunded + b.refunded,
    input: a.input + b.input,
    cachedInput: a.cachedInput + b.cachedInput,
    output: a.output + b.output,
    durations: sumOfDurations(a.durations, b.durations),
  };
}

/** The sums of both. */
export function addUserSums(a: UserSums, b: UserSums): UserSums {
  return {
    messages: a.messages + b.messages,
    failed: a.failed + b.failed,
    charged: a.charged + b.charged,
    input: a.input + b.input,
    output: a.output + b.output,
  };
}

export const STEPS: readonly Granularity[] = ['hour', 'day', 'month'];

/** Sums by model and by user for every step, while they are being made. */
export class UsageSums {
  readonly #models = new Map<
    string,
    { step: Granularity; period: string; model: string; sums: ModelSums }
  >();
  readonly #users = new Map<string, { period: string; userId: number; sums: UserSums }>();

  get models() {
    return [...this.#models.values()];
  }

  get users() {
    return [...this.#users.values()];
  }

  add(use: EndedUse): void {
    const { userId, model, isAnswered, durationMs } = use;
    const counts = { messages: isAnswered ? 1 : 0, failed: isAnswered ? 0 : 1 };
    const charged = use.chargedCredits;
    const tokens = { input: use.inputTokens, output: use.outputTokens };
    const ofModel = {
      ...counts,
      charged,
      shortfall: use.shortfallCredits,
      refunded: 0,
      ...tokens,
      cachedInput: use.cachedInputTokens,
      durations: durationMs === undefined ? [] : withDuration([], durationMs),
    };
    for (const step of STEPS) {
      const period = use.periods[step];
      this.#addToModel(step, period, model, ofModel);
      const key = `${period} ${userId}`;
      const sums = addUserSums(this.#users.get(key)?.sums ?? NO_USER_SUMS, {
        ...counts,
        charged,
        ...tokens,
      });
      this.#users.set(key, { period, userId, sums });
    }
  }

  addRefund({ model, periods, credits }: RefundedUse): void {
    const sums = { ...NO_MODEL_SUMS, refunded: credits };
    for (const step of STEPS) this.#addToModel(step, periods[step], model, sums);
  }

  #addToModel(step: Granularity, period: string, model: string, by: ModelSums): void {
    const key = `${period} ${model}`;
    const sums = addModelSums(this.#models.get(key)?.sums ?? NO_MODEL_SUMS, by);
    this.#models.set(key, { step, period, model, sums });
  }
}
