/** Prices: exact rates by unit of usage, and what a usage costs. */
import { type Credits, divideUp, MAX_CREDITS } from './credits.ts';
import { INPUT_UNITS, OUTPUT_UNITS, UNITS, type Unit } from './units.ts';
import { totalInput, type Unpriced, type Usage } from './usage.ts';

/**
 * An exact rate: so many credits for so many of a unit, both integers without a common divisor.
 * `[1, 4000]` is a credit for 4,000 tokens, or 250 credits per million.
 */
export type Rate = readonly [credits: number, per: number];

/** What a price can have a rate for: a unit of usage, or each answer whatever it used. */
export type PricedUnit = Unit | 'message';

export type Rates = Readonly<Partial<Record<PricedUnit, Rate>>>;

/** Rates that replace others for requests with much input. */
export interface PriceStep {
  /** They apply to the whole request if its input, cached or not, has more tokens than this. */
  readonly aboveInput: number;
  readonly rates: Rates;
}

/**
 * The price of a model. Units without a rate of their own are charged by the rate of a unit that
 * stands for them (see `rateOf`); if there is none, the usage has no price and is reported as such.
 */
export interface Price {
  readonly rates: Rates;
  /** In ascending order. */
  readonly steps?: readonly PriceStep[];
  /** Factors by service tier, for all rates but that of a message. */
  readonly tiers?: Readonly<Record<string, Rate>>;
}

const MILLION = 1_000_000;
const TOKEN_UNITS: readonly Unit[] = [...INPUT_UNITS, ...OUTPUT_UNITS];

/**
 * Units whose rate follows from that of another. Anthropic bills writes to its cache at 1.25 and 2
 * times the input (https://docs.claude.com/en/docs/build-with-claude/prompt-caching); input that
 * was read from a cache is never dearer than other input.
 */
const STAND_INS: Readonly<Partial<Record<PricedUnit, readonly [Unit, Rate]>>> = {
  cached_input: ['input', [1, 1]],
  cache_write_5m: ['input', [5, 4]],
  cache_write_1h: ['input', [2, 1]],
  cached_audio_input: ['audio_input', [1, 1]],
};

/** An exact fraction, such as of credits. */
export interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

export const ZERO: Fraction = { over: 0n, under: 1n };
export const ONE: Fraction = { over: 1n, under: 1n };

/**
 * A rate in lowest terms.
 * @throws RangeError if it is too precise to be exact in two integers below 2^53
 */
export function rateFrom(credits: bigint, per: bigint): Rate {
  const divisor = greatestDivisor(credits, per);
  const rate = [Number(credits / divisor), Number(per / divisor)] as const;
  if (!rate.every(Number.isSafeInteger)) throw new RangeError('The rate is too precise.');
  return rate;
}

/** A price per message only. */
export function flatPrice(perMessage: Credits): Price {
  return { rates: { message: [perMessage, 1] } };
}

/** A price of text, in whole credits: per message and per million tokens. */
export function textPrice(credits: {
  readonly perMessage?: Credits;
  readonly perMillionInput?: Credits;
  readonly perMillionCachedInput?: Credits;
  readonly perMillionOutput?: Credits;
}): Price {
  const { perMessage, perMillionInput, perMillionCachedInput, perMillionOutput } = credits;
  const perMillion = (rate: Credits) => rateFrom(BigInt(rate), BigInt(MILLION));
  return {
    rates: {
      ...(perMessage === undefined ? {} : { message: [perMessage, 1] }),
      ...(perMillionInput === undefined ? {} : { input: perMillion(perMillionInput) }),
      ...(perMillionCachedInput === undefined
        ? {}
        : { cached_input: perMillion(perMillionCachedInput) }),
      ...(perMillionOutput === undefined ? {} : { output: perMillion(perMillionOutput) }),
    },
  };
}

/** Prices are few and asked often. */
const flatness = new WeakMap<Price, boolean>();

/** Whether the price does not depend on how many tokens were used. */
export function isFlat(price: Price): boolean {
  let known = flatness.get(price);
  if (known === undefined) {
    const isFree = ({ rates }: { rates: Rates }) =>
      TOKEN_UNITS.every((unit) => (rates[unit]?.[0] ?? 0) === 0);
    known = isFree(price) && (price.steps ?? []).every(isFree);
    flatness.set(price, known);
  }
  return known;
}

/**
 * About what so many tokens of output cost by the usual rate, to tell which part of a charge they
 * are; undefined if output has no rate of its own.
 */
export function creditsOfOutput(price: Price, tokens: number): Credits | undefined {
  const { output } = price.rates;
  if (!output || isFlat(price)) return undefined;
  const [credits, per] = output;
  return Math.round((tokens / per) * credits);
}

/**
 * Validates a price from outside.
 * @returns the name of the first part that is not a rate
 */
export function faultOfPrice(price: Price): string | undefined {
  const all = [price.rates, ...(price.steps ?? []).map(({ rates }) => rates), price.tiers ?? {}];
  for (const rates of all) {
    for (const [name, rate] of Object.entries(rates)) {
      const [credits, per] = rate;
      const isRate = Number.isSafeInteger(credits) && Number.isSafeInteger(per);
      if (!isRate || credits < 0 || per < 1 || credits / per > MAX_CREDITS) return name;
    }
  }
  return undefined;
}

/**
 * The rate of a unit, for a request with so much input.
 * @returns undefined if the price has none and no other stands for it. Tokens are free where the
 *   price is flat.
 */
export function rateOf(price: Price, unit: PricedUnit, inputTokens: number): Fraction | undefined {
  const own = ownRateOf(price, unit, inputTokens);
  if (own) return fractionOf(own);
  const [other, factor] = STAND_INS[unit] ?? [];
  const base = other && ownRateOf(price, other, inputTokens);
  if (base && factor) return times(fractionOf(base), fractionOf(factor));
  const isCovered = unit === 'message' || (isToken(unit) && isFlat(price));
  return isCovered ? ZERO : undefined;
}

function isToken(unit: Unit): boolean {
  return TOKEN_UNITS.includes(unit);
}

function fractionOf([credits, per]: Rate): Fraction {
  return { over: BigInt(credits), under: BigInt(per) };
}

function ownRateOf(price: Price, unit: PricedUnit, inputTokens: number): Rate | undefined {
  let rate = price.rates[unit];
  for (const { aboveInput, rates } of price.steps ?? []) {
    if (inputTokens > aboveInput) rate = rates[unit] ?? rate;
  }
  return rate;
}

/**
 * The factor of a service tier; undefined if the price does not know it. That of several at once,
 * such as `fast/us`, is the product of theirs where it is not given.
 */
export function tierFactor(price: Price, tier: string | undefined): Fraction | undefined {
  if (tier === undefined) return ONE;
  const { tiers = {} } = price;
  const factor = Object.hasOwn(tiers, tier) ? tiers[tier] : undefined;
  if (factor || !tier.includes('/')) return factor && fractionOf(factor);
  const parts = tier.split('/').map((part) => tierFactor(price, part));
  let product = ONE;
  for (const part of parts) {
    if (!part) return undefined;
    product = times(product, part);
  }
  return product;
}

/**
 * What a usage costs: each count at its rate, by the factor of its tier, and the rate of a message
 * for each answer, rounded up once. What has no rate costs nothing: see `unpricedIn`.
 */
export function costOf(price: Price, usage: Usage): Credits {
  const { counts, tier, answers = 1 } = usage;
  const inputTokens = totalInput(counts) ?? 0;
  let sum = ZERO;
  for (const unit of UNITS) {
    const count = isTiered(unit) ? counts[unit] : 0;
    const rate = count && rateOf(price, unit, inputTokens);
    if (rate) sum = plus(sum, count, rate);
  }
  const tiered = times(sum, tierFactor(price, tier) ?? ONE);
  let total = plus(tiered, answers, rateOf(price, 'message', inputTokens) ?? ZERO);
  const { tool_call: calls } = counts;
  if (calls) total = plus(total, calls, rateOf(price, 'tool_call', inputTokens) ?? ZERO);
  return divideUp(total.over, total.under);
}

/** Whether the factor of a service tier applies; it is the provider's, and tools are not its. */
export function isTiered(unit: PricedUnit): boolean {
  return unit !== 'message' && unit !== 'tool_call';
}

/** What of a usage has no rate; undefined if all of it has one. */
export function unpricedIn(price: Price, { counts, tier }: Usage): Unpriced | undefined {
  const inputTokens = totalInput(counts) ?? 0;
  const unpriced: Record<string, number> = {};
  for (const unit of UNITS) {
    const count = counts[unit] ?? 0;
    if (count === 0 || rateOf(price, unit, inputTokens)) continue;
    if (!isBilledBy(price, counts, OTHER_MEASURES[unit])) unpriced[unit] = count;
  }
  // The tokens of an image tell its size, which is a tier only where images are billed one by one.
  const isSizeBilled = counts.image !== undefined && isBilledBy(price, counts, 'image_output');
  if (!tierFactor(price, tier) && !isSizeBilled) unpriced[`tier:${tier}`] = 1;
  return Object.keys(unpriced).length === 0 ? undefined : unpriced;
}

/** Units that measure the same in another way: whoever bills one does not bill the other. */
const OTHER_MEASURES: Readonly<Partial<Record<Unit, Unit>>> = {
  image: 'image_output',
  image_output: 'image',
  second: 'audio_input',
  audio_input: 'second',
  rerank: 'input',
};

function isBilledBy(price: Price, counts: Usage['counts'], unit: Unit | undefined): boolean {
  return unit !== undefined && (counts[unit] ?? 0) > 0 && hasOwnRate(price, unit);
}

/** Whether a price itself names a unit, be it as free. */
export function hasOwnRate({ rates, steps = [] }: Price, unit: PricedUnit): boolean {
  return rates[unit] !== undefined || steps.some((step) => step.rates[unit] !== undefined);
}

/** Prices are few and asked often. */
const textCoverage = new WeakMap<Price, boolean>();

/** Whether a price says what text costs; those of images or of speech alone do not. */
export function coversText(price: Price): boolean {
  let known = textCoverage.get(price);
  if (known === undefined) {
    const { rates, steps = [] } = price;
    const names = [rates, ...steps.map((step) => step.rates)].flatMap((it) => Object.keys(it));
    const isOfText = (name: string) => name === 'message' || isToken(name as Unit);
    known = names.length === 0 || names.some(isOfText);
    textCoverage.set(price, known);
  }
  return known;
}

/** The product of two fractions. */
export function times(a: Fraction, b: Fraction): Fraction {
  if (b === ONE) return a;
  return { over: a.over * b.over, under: a.under * b.under };
}

/** Whether the first fraction is more than the second. */
export function isMore(a: Fraction, b: Fraction): boolean {
  return a.over * b.under > b.over * a.under;
}

/** Credits for so many of a unit, rounded up, for people to read. */
export function creditsFor({ over, under }: Fraction = ZERO, count = 1): Credits {
  return divideUp(over * BigInt(count), under);
}

/** Credits per million of a unit, rounded up, for people to read. */
export function perMillion(rate: Fraction | undefined): Credits {
  return creditsFor(rate, MILLION);
}

/** The highest rate that any input of a request can have, up to so many tokens of it. */
export function dearestRate(
  price: Price,
  units: Iterable<PricedUnit>,
  inputTokens: number,
): Fraction {
  const reachable = [0, ...(price.steps ?? []).map(({ aboveInput }) => aboveInput + 1)];
  let dearest = ZERO;
  for (const unit of units) {
    for (const tokens of reachable) {
      if (tokens > inputTokens) continue;
      const rate = rateOf(price, unit, tokens);
      if (rate && isMore(rate, dearest)) dearest = rate;
    }
  }
  return dearest;
}

/** A sum with so many of a unit at a rate. */
export function plus({ over, under }: Fraction, count: number, rate: Fraction): Fraction {
  const added = BigInt(count) * rate.over;
  if (rate.under === under) return { over: over + added, under };
  return { over: over * rate.under + added * under, under: under * rate.under };
}

/**
 * A price as it is stored with a charge. Until 0.2.0 it was in credits per million of three units.
 * @param json as `JSON.stringify` makes it of either form
 */
export function priceFromJson(json: string): Price {
  const value = JSON.parse(json) as Price | Required<Parameters<typeof textPrice>[0]>;
  return 'rates' in value ? value : textPrice(value);
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger === 0n ? 1n : larger;
}
