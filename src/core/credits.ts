/**
 * A credit is the integer unit of a balance. Users see it as "tokens" (the original's word); the
 * code says credits, so that it is never mistaken for the tokens that a model counts (usage).
 */
export type Credits = number;

/**
 * The largest balance, and so the largest single amount. It stays far below 2^53, so that adding
 * two of them is still exact in a JavaScript number and in a 64-bit database column.
 */
export const MAX_CREDITS: Credits = 1_000_000_000_000_000;

/** Whether a value is an amount of credits that can be booked: an integer, not beyond the limit. */
export function isCredits(value: unknown): value is Credits {
  return Number.isInteger(value) && Math.abs(value as number) <= MAX_CREDITS;
}

/**
 * Divides and rounds up: the one place where a fraction of a credit becomes a whole one.
 * @param numerator not negative
 * @param denominator positive
 */
export function divideUp(numerator: bigint, denominator: bigint): Credits {
  const credits = (numerator + denominator - 1n) / denominator;
  return credits > BigInt(MAX_CREDITS) ? MAX_CREDITS : Number(credits);
}
