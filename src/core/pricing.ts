import { type Credits, divideUp, isCredits } from './credits.ts';
import type { Usage } from './usage.ts';

/** The price of a model, in credits: per message, and per million tokens of usage. */
export interface Price {
  readonly perMessage: Credits;
  readonly perMillionInput: Credits;
  readonly perMillionCachedInput: Credits;
  readonly perMillionOutput: Credits;
}

const MILLION = 1_000_000n;

/** A price per message only. */
export function flatPrice(perMessage: Credits): Price {
  return { perMessage, perMillionInput: 0, perMillionCachedInput: 0, perMillionOutput: 0 };
}

/** Whether the price does not depend on usage. */
export function isFlat(price: Price): boolean {
  return (
    price.perMillionInput === 0 && price.perMillionCachedInput === 0 && price.perMillionOutput === 0
  );
}

/**
 * Validates a price from outside.
 * @returns the name of the first part that is missing, negative or not an integer
 */
export function faultOfPrice(price: Price): keyof Price | undefined {
  const parts: (keyof Price)[] = [
    'perMessage',
    'perMillionInput',
    'perMillionCachedInput',
    'perMillionOutput',
  ];
  return parts.find((part) => !isCredits(price[part]) || price[part] < 0);
}

/**
 * What a reply costs: the price per message plus its usage, rounded up once.
 * @param usage unknown counts are taken as 0; callers decide how to handle them
 */
export function costOf(price: Price, usage: Usage): Credits {
  if (isFlat(price)) return price.perMessage;
  const input = BigInt(usage.inputTokens ?? 0);
  const cachedInput = BigInt(Math.min(usage.cachedInputTokens ?? 0, usage.inputTokens ?? 0));
  const millionths =
    BigInt(price.perMessage) * MILLION +
    (input - cachedInput) * BigInt(price.perMillionInput) +
    cachedInput * BigInt(price.perMillionCachedInput) +
    BigInt(usage.outputTokens ?? 0) * BigInt(price.perMillionOutput);
  return divideUp(millionths, MILLION);
}

/**
 * The most that a reply can cost: all input at the higher of its two rates, and as much output as
 * the limit allows.
 */
export function quoteFor(
  price: Price,
  most: { readonly inputTokens: number; readonly outputTokens: number },
): Credits {
  const dearerInput = Math.max(price.perMillionInput, price.perMillionCachedInput);
  return costOf(
    { ...price, perMillionInput: dearerInput },
    {
      inputTokens: most.inputTokens,
      cachedInputTokens: 0,
      outputTokens: most.outputTokens,
    },
  );
}
