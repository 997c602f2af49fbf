/** Sums of usage and charges by model, by user and by period. */
import type { Credits } from './credits.ts';
import { type Durations, sumOfDurations, withDuration } from './durations.ts';

/** How long a period is. */
export type Granularity = 'hour' | 'day' | 'month';

/** The hour, day and month of a time, as text in UTC: `2026-11-23T18`, … */
export type Periods = Readonly<Record<Granularity, string>>;

/** The usage of a generation that has ended. */
export interface CompletedUsage {
  readonly userId: number;
  /** The model that answered, or the requested one if none did. */
  readonly model: string;
  readonly isAnswered: boolean;
  readonly periods: Periods;
  /** undefined if there was no answer. */
  readonly durationMs: number | undefined;
  readonly chargedCredits: Credits;
  readonly shortfallCredits: Credits;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}

/** A charge that was refunded. */
export interface RefundedUsage {
  readonly model: string;
  readonly periods: Periods;
  readonly credits: Credits;
}

/** Sums of one model, or of all. */
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

/** Sums of one user. */
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

/** Adds two sums. */
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

/** Adds two sums. */
export function addUserSums(a: UserSums, b: UserSums): UserSums {
  return {
    messages: a.messages + b.messages,
    failed: a.failed + b.failed,
    charged: a.charged + b.charged,
    input: a.input + b.input,
    output: a.output + b.output,
  };
}

export const GRANULARITIES: readonly Granularity[] = ['hour', 'day', 'month'];

/** Accumulates sums by model and by user, at every granularity. */
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

  add(usage: CompletedUsage): void {
    const { userId, model, isAnswered, durationMs, chargedCredits } = usage;
    const ofModel: ModelSums = {
      messages: isAnswered ? 1 : 0,
      failed: isAnswered ? 0 : 1,
      charged: chargedCredits,
      shortfall: usage.shortfallCredits,
      refunded: 0,
      input: usage.inputTokens,
      cachedInput: usage.cachedInputTokens,
      output: usage.outputTokens,
      durations: durationMs === undefined ? [] : withDuration([], durationMs),
    };
    const { messages, failed, charged, input, output } = ofModel;
    const ofUser: UserSums = { messages, failed, charged, input, output };
    for (const step of GRANULARITIES) {
      const period = usage.periods[step];
      this.#addToModel(step, period, model, ofModel);
      const key = `${period} ${userId}`;
      const sums = addUserSums(this.#users.get(key)?.sums ?? NO_USER_SUMS, ofUser);
      this.#users.set(key, { period, userId, sums });
    }
  }

  addRefund({ model, periods, credits }: RefundedUsage): void {
    const sums = { ...NO_MODEL_SUMS, refunded: credits };
    for (const step of GRANULARITIES) this.#addToModel(step, periods[step], model, sums);
  }

  #addToModel(step: Granularity, period: string, model: string, by: ModelSums): void {
    const key = `${period} ${model}`;
    const sums = addModelSums(this.#models.get(key)?.sums ?? NO_MODEL_SUMS, by);
    this.#models.set(key, { step, period, model, sums });
  }
}
