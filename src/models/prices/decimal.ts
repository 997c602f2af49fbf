import type { Fraction } from '../../core/pricing.ts';

const DECIMAL = /^(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i;
const DOLLARS = /^(\S+) USD$/;

/**
 * A decimal number, exactly as it is written.
 * @param text such as `0.25` or `1e-7`; not negative
 * @returns undefined if it is not a decimal number
 */
export function decimalFrom(text: string): Fraction | undefined {
  const found = DECIMAL.exec(text);
  if (!found) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = found;
  const digits = BigInt(whole + fraction);
  const power = Number(exponent) - fraction.length;
  return power >= 0
    ? { over: digits * 10n ** BigInt(power), under: 1n }
    : { over: digits, under: 10n ** BigInt(-power) };
}

/** An amount of dollars such as `0.25 USD`; undefined if it is none. */
export function dollarsFrom(text: string): Fraction | undefined {
  const [, amount] = DOLLARS.exec(text) ?? [];
  return amount === undefined ? undefined : decimalFrom(amount);
}

/** One fraction by another, which is not zero. */
export function quotient(a: Fraction, b: Fraction): Fraction {
  return { over: a.over * b.under, under: a.under * b.over };
}
