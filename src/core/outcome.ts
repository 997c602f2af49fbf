/**
 * How a generation ends and what it costs: the outcome table. The live path and recovery after a
 * crash both come here, so that they charge alike.
 */
import type { Credits } from './credits.ts';
import { costOf, isFlat, type Price, unpricedIn } from './pricing.ts';
import type { ReplyFailure } from './reply-failure.ts';
import {
  type Counts,
  totalInput,
  totalOutput,
  UNKNOWN_USAGE,
  type Unpriced,
  type Usage,
  type UsageSource,
} from './usage.ts';

/** Why a generation came to its end. */
export type Ending =
  /** The model said that it was done. */
  | 'finished'
  /** The provider refused, failed or broke off. */
  | 'failed'
  /** The provider was silent for too long. */
  | 'timed_out'
  /** The user pressed Stop, or an API client left, whose model was read on for its usage. */
  | 'stopped'
  /** The server died, and another one found what it had left. */
  | 'server_lost';

export interface Delivery {
  readonly price: Price;
  readonly ending: Ending;
  /** All that was delivered of the reply. */
  readonly text: string;
  /** What the model wrote besides, such as thoughts and arguments of tools; it costs as well. */
  readonly nonReplyOutput: string;
  /** Whether text is what was asked for; embeddings and images have none, for instance. */
  readonly hasText: boolean;
  /** How many answers were requested. */
  readonly answers: number;
  /** What the provider said, if it said anything. */
  readonly reported: Usage | undefined;
  /** Our own count of input and of what was delivered; needed if `needsCount` says so. */
  readonly counted: Usage | undefined;
}

export type Outcome =
  | {
      readonly kind: 'settle';
      readonly costCredits: Credits;
      readonly usage: Usage;
      readonly usageSource: UsageSource;
      readonly unpriced: Unpriced | undefined;
      readonly status: 'complete' | 'incomplete';
      readonly failure: ReplyFailure | undefined;
    }
  | { readonly kind: 'release'; readonly reason: ReplyFailure };

const RELEASED: Record<Ending, ReplyFailure> = {
  finished: 'empty_reply',
  failed: 'model_failed',
  timed_out: 'model_timed_out',
  stopped: 'stopped_before_reply',
  server_lost: 'server_lost_before_reply',
};

const INCOMPLETE: Record<Exclude<Ending, 'finished'>, ReplyFailure> = {
  failed: 'model_broke_off',
  timed_out: 'model_fell_silent',
  stopped: 'stopped',
  server_lost: 'server_lost',
};

/** Whether a delivery can only be priced by counting it ourselves. */
export function needsCount(delivery: Omit<Delivery, 'counted'>): boolean {
  return isDelivered(delivery) && !isFlat(delivery.price) && !isCredible(delivery);
}

/** What is booked for a delivery, and how its message is kept. */
export function outcomeOf(delivery: Delivery): Outcome {
  const { price, ending } = delivery;
  if (!isDelivered(delivery) && !isUsed(delivery)) {
    return { kind: 'release', reason: RELEASED[ending] };
  }
  const isComplete = ending === 'finished';
  const end = {
    kind: 'settle',
    status: isComplete ? 'complete' : 'incomplete',
    failure: isComplete ? undefined : INCOMPLETE[ending],
  } as const;
  const { usage, usageSource } = usageOf(delivery);
  const costCredits = costOf(price, usage);
  return { ...end, costCredits, usage, usageSource, unpriced: unpricedIn(price, usage) };
}

function usageOf(delivery: Delivery): { usage: Usage; usageSource: UsageSource } {
  const { price, reported, counted, answers } = delivery;
  const calls = callsIn(delivery);
  // Tools have answered and the model has not: they are charged, and no message is.
  if (calls && !isDelivered(delivery) && !isProviderUsed(delivery)) {
    const usageSource = isFlat(price) ? 'flat' : 'counted';
    return { usage: { counts: calls, answers: 0 }, usageSource };
  }
  const many = answers > 1 ? { answers } : undefined;
  const { counts, tier } = reported ?? UNKNOWN_USAGE;
  const told = { counts, ...(tier === undefined ? {} : { tier }), ...many };
  if (isFlat(price)) return { usage: told, usageSource: 'flat' };
  if (isCredible(delivery) || !isDelivered(delivery))
    return { usage: told, usageSource: 'provider' };
  const estimated = counted?.counts ?? {};
  const isInputTold = (totalInput(counts) ?? 0) > 0;
  // Input that the provider told is charged as told, with its part from the cache.
  const known = isInputTold ? { ...counts, output: estimated.output ?? 0 } : estimated;
  const merged = { ...known, ...calls };
  return { usage: { ...told, counts: merged }, usageSource: 'counted' };
}

/**
 * Text counts from its first word. All else is billed as a whole from the moment that its usage is
 * known, which comes with its first bytes: sound that breaks off costs what all of it does.
 */
function isDelivered(delivery: Omit<Delivery, 'counted'>): boolean {
  const { hasText, text, nonReplyOutput, ending } = delivery;
  if (hasText) return text + nonReplyOutput !== '';
  return ending === 'finished' || isCredible(delivery);
}

/** Calls of tools that were answered; undefined if there are none. */
function callsIn({ reported }: Omit<Delivery, 'counted'>): Counts | undefined {
  const { tool_call: calls = 0 } = reported?.counts ?? {};
  return calls > 0 ? { tool_call: calls } : undefined;
}

/** Whether something was used although nothing was delivered: of the provider, or of tools. */
function isUsed(delivery: Omit<Delivery, 'counted'>): boolean {
  return callsIn(delivery) !== undefined || isProviderUsed(delivery);
}

/**
 * Whether the provider has reported that it was used although nothing was delivered: a reply
 * without text, or one that its reader did not wait for.
 */
function isProviderUsed(delivery: Omit<Delivery, 'counted'>): boolean {
  const { ending, price, reported } = delivery;
  if (isFlat(price)) return false;
  if (ending === 'finished') return isCredible(delivery);
  return ending === 'stopped' && (totalInput(reported?.counts ?? {}) ?? 0) > 0;
}

/**
 * Some providers send no usage, or zeros; where text came, that is not to be believed. What is no
 * text, such as images, may be billed by units that are not tokens.
 */
function isCredible({ hasText, reported }: Omit<Delivery, 'counted'>): boolean {
  const { counts } = reported ?? UNKNOWN_USAGE;
  if (!hasText) return Object.values(counts).some((count) => count > 0);
  return (totalInput(counts) ?? 0) > 0 && (totalOutput(counts) ?? 0) > 0;
}
