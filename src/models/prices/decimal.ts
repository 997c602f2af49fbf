/** An exact fraction of integers. */
export interface Decimal {
  readonly over: bigint;
  readonly under: bigint;
}

const DECIMAL = /^(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i;
const DOLLARS = /^(\S+) USD$/;

/**
 * A decimal number, exactly as it is written.
 * @param text such as `0.25` or `1e-7`; not negative
 * @returns undefined if it is not a decimal number
 */
export function decimalFrom(text: string): Decimal | undefined {
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
export function dollarsFrom(text: string): Decimal | undefined {
  const [, amount] = DOLLARS.exec(text) ?? [];
  return amount === undefined ? undefined : decimalFrom(amount);
}

/** The product of two decimals. */
export function product(a: Decimal, b: Decimal): Decimal {
  return { over: a.over * b.over, under: a.under * b.under };
}

/** One decimal by another, which is not zero. */
export function quotient(a: Decimal, b: Decimal): Decimal {
  return { over: a.over * b.under, under: a.under * b.over };
}
