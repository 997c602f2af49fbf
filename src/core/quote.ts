/** The most and the least that a request can cost, and how much output a hold pays for. */
import type { Credits } from './credits.ts';
import { type Price, quoteFor } from './pricing.ts';

const MILLION = 1_000_000n;

export interface QuoteRequest {
  /** Counted before the model is asked. */
  readonly inputTokens: number;
  /** The most output: what was requested, or what the model can give. */
  readonly outputLimit: number;
  /** Less output than this is not worth starting, unless less was requested. */
  readonly usefulOutput: number;
}

/** The credits to hold: the most that the reply can cost, and the least worth starting with. */
export function quoteRange(
  price: Price,
  request: QuoteRequest,
): { mostCredits: Credits; leastCredits: Credits } {
  const { inputTokens, outputLimit, usefulOutput } = request;
  const leastOutput = Math.min(usefulOutput, outputLimit);
  return {
    mostCredits: quoteFor(price, { inputTokens, outputTokens: outputLimit }),
    leastCredits: quoteFor(price, { inputTokens, outputTokens: leastOutput }),
  };
}

/** How many tokens of output a hold pays for, up to the limit. */
export function affordableOutput(
  price: Price,
  request: QuoteRequest,
  heldCredits: Credits,
): number {
  if (price.perMillionOutput === 0) return request.outputLimit;
  const dearerInput = Math.max(price.perMillionInput, price.perMillionCachedInput);
  const leftMillionths =
    (BigInt(heldCredits) - BigInt(price.perMessage)) * MILLION -
    BigInt(request.inputTokens) * BigInt(dearerInput);
  const tokens = leftMillionths / BigInt(price.perMillionOutput);
  return Math.max(0, Math.min(request.outputLimit, Number(tokens)));
}
