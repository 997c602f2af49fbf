/** The most and the least that a request can cost, and how much output a hold pays for. */
import { type Credits, divideUp } from './credits.ts';
import {
  dearestRate,
  type Fraction,
  isFlat,
  isMore,
  isTiered,
  ONE,
  type Price,
  type PricedUnit,
  plus,
  tierFactor,
  times,
  ZERO,
} from './pricing.ts';

import type { Unit } from './units.ts';
import type { Counts } from './usage.ts';

export interface QuoteRequest {
  /** The most tokens that the input can have. */
  readonly inputTokens: number;
  /** The most output, of all answers: what was requested, or what the model can give. */
  readonly outputLimit: number;
  /** Less output than this is not worth starting, unless less was requested. */
  readonly usefulOutput: number;
  /** How many answers are requested; undefined for one. */
  readonly answers?: number | undefined;
  /** What can be used besides `input`, `cached_input` and `output`. */
  readonly units?: ReadonlySet<Unit> | undefined;
  /** The most of units that are not tokens, such as searches. */
  readonly others?: Counts | undefined;
  /** Service tiers by which the provider may answer, beside its standard. */
  readonly tiers?: readonly string[] | undefined;
  /** Regions in which it may answer, beside its usual one; a factor on top of a tier's. */
  readonly regions?: readonly string[] | undefined;
}

/**
 * Tiers by which a provider may answer a request that names none: a setting of the operator's
 * project or account decides (https://developers.openai.com/api/docs/guides/priority-processing,
 * https://platform.claude.com/docs/en/api/service-tiers,
 * https://console.groq.com/docs/service-tiers).
 */
export const OPEN_TIERS: readonly string[] = [
  'priority',
  'ultrafast',
  'scale',
  'performance',
  'flex',
];
/** The same of regions: the `default_inference_geo` of a workspace of Anthropic. */
export const OPEN_REGIONS: readonly string[] = ['us'];

const INPUT_ALWAYS: readonly Unit[] = ['input', 'cached_input'];
const OTHER_INPUT: readonly Unit[] = [
  'cache_write_5m',
  'cache_write_1h',
  'audio_input',
  'cached_audio_input',
  'image_input',
];
const OTHER_OUTPUT: readonly Unit[] = ['audio_output', 'image_output'];

/** The credits to hold: the most that the reply can cost, and the least worth starting with. */
export function quoteRange(
  price: Price,
  request: QuoteRequest,
): { mostCredits: Credits; leastCredits: Credits } {
  const leastOutput = Math.min(request.usefulOutput, request.outputLimit);
  const cost = costsOf(price, request);
  return { mostCredits: cost.of(request.outputLimit), leastCredits: cost.of(leastOutput) };
}

/**
 * How many tokens of output a hold pays for, up to the limit.
 * @returns undefined if it does not even pay for the rest of the request
 */
export function affordableOutput(
  price: Price,
  request: QuoteRequest,
  heldCredits: Credits,
): number | undefined {
  const { fixed, output, of } = costsOf(price, request);
  if (of(0) > heldCredits) return undefined;
  if (output.over === 0n) return request.outputLimit;
  const left = BigInt(heldCredits) * fixed.under - fixed.over;
  const tokens = (left * output.under) / (fixed.under * output.over);
  return Math.min(request.outputLimit, Number(tokens));
}

/** The highest of the factors that a price has for some of these names; at least 1. */
function dearestFactor(price: Price, names: readonly string[]): Fraction {
  let dearest = ONE;
  if (price.tiers === undefined) return dearest;
  for (const name of names) {
    const factor = tierFactor(price, name);
    if (factor && isMore(factor, dearest)) dearest = factor;
  }
  return dearest;
}

/** The most that a request costs, as a function of its output. */
function costsOf(price: Price, request: QuoteRequest) {
  const { inputTokens, answers = 1, units, others = {} } = request;
  const { tiers = [], regions = [] } = request;
  // Most chats: tokens cost nothing, so neither their rates nor the factors of tiers matter.
  if (isFlat(price) && Object.keys(others).length === 0) {
    const fixed = plus(ZERO, answers, dearestRate(price, ['message'], inputTokens));
    const credits = divideUp(fixed.over, fixed.under);
    return { fixed, output: ZERO, of: () => credits };
  }
  const possible = (all: readonly Unit[]) => all.filter((unit) => units?.has(unit));
  const rate = (of: readonly PricedUnit[]) => dearestRate(price, of, inputTokens);
  let sum = plus(ZERO, inputTokens, rate([...INPUT_ALWAYS, ...possible(OTHER_INPUT)]));
  for (const [unit, count] of Object.entries(others)) {
    if (isTiered(unit as Unit)) sum = plus(sum, count, rate([unit as Unit]));
  }
  const factor = times(dearestFactor(price, tiers), dearestFactor(price, regions));
  const tiered = plus(times(sum, factor), answers, rate(['message']));
  const { tool_call: calls = 0 } = others;
  const fixed = plus(tiered, calls, rate(['tool_call']));
  const output = times(rate(['output', ...possible(OTHER_OUTPUT)]), factor);
  const of = (tokens: number): Credits => {
    const { over, under } = plus(fixed, tokens, output);
    return divideUp(over, under);
  };
  return { fixed, output, of };
}
