/**
 * A credit is the integer unit of a balance. Users know it as a "token", the original's word; the
 * code says credit, to tell it apart from the tokens that models count (usage).
 */
export type Credits = number;

/**
 * The largest balance, and so the largest single amount. It stays far below 2^53, so that adding
 * two of them is still exact in a JavaScript number and in a 64-bit database column.
 */
export const MAX_CREDITS: Credits = 1_000_000_000_000_000;

/** Whether a value is an amount that can be booked: an integer within the limit. */
export function isCredits(value: unknown): value is Credits {
  return Number.isInteger(value) && Math.abs(value as number) <= MAX_CREDITS;
}

/**
 * Divides and rounds up: the only place where fractions of a credit are rounded.
 * @param numerator not negative
 * @param denominator positive
 */
export function divideUp(numerator: bigint, denominator: bigint): Credits {
  const credits = (numerator + denominator - 1n) / denominator;
  return credits > BigInt(MAX_CREDITS) ? MAX_CREDITS : Number(credits);
}
