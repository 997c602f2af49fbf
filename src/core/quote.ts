/** What a request may cost at most and at least, and how much output its hold pays for. */
import type { Credits } from './credits.ts';
import { type Price, quoteFor } from './pricing.ts';

const MILLION = 1_000_000n;

export interface QuoteRequest {
  /** Counted before the call. */
  readonly inputTokens: number;
  /** As much output as was asked for, or as the model gives. */
  readonly outputLimit: number;
  /** Less output than this is of no use to anybody, unless less was asked for. */
  readonly usefulOutput: number;
}

/** The credits to hold: the most that the reply can cost, and the least that makes sense. */
export function quoteRange(
  price: Price,
  wish: QuoteRequest,
): { mostCredits: Credits; leastCredits: Credits } {
  const { inputTokens, outputLimit, usefulOutput } = wish;
  const least = Math.min(usefulOutput, outputLimit);
  return {
    mostCredits: quoteFor(price, { inputTokens, outputTokens: outputLimit }),
    leastCredits: quoteFor(price, { inputTokens, outputTokens: least }),
  };
}

/** How many tokens of output a hold pays for, up to the limit: no reply of these costs more. */
export function affordableOutput(price: Price, wish: QuoteRequest, heldCredits: Credits): number {
  if (price.perMillionOutput === 0) return wish.outputLimit;
  const dearerInput = Math.max(price.perMillionInput, price.perMillionCachedInput);
  const left =
    (BigInt(heldCredits) - BigInt(price.perMessage)) * MILLION -
    BigInt(wish.inputTokens) * BigInt(dearerInput);
  const tokens = left / BigInt(price.perMillionOutput);
  return Math.max(0, Math.min(wish.outputLimit, Number(tokens)));
}
