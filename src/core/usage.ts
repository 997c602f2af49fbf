import { INPUT_UNITS, OUTPUT_UNITS, type Unit } from './units.ts';

/** Counts by unit. A unit that was not reported is left out: unknown usage is not zero usage. */
export type Counts = Readonly<Partial<Record<Unit, number>>>;

/** What a request used of a model, as its provider reported it or as we counted it. */
export interface Usage {
  readonly counts: Counts;
  /** The service tier by which the provider answered; undefined for its standard. */
  readonly tier?: string | undefined;
  /** How many answers were given; undefined for one. */
  readonly answers?: number | undefined;
  /** How many tokens of the output were thinking, as the provider told; no count of its own. */
  readonly thinkingTokens?: number | undefined;
}

/**
 * Where the usage of a charge came from: the provider's report, our own count (of all, or of the
 * output if the provider told the input before it was stopped), or nowhere, because the price is
 * flat per message.
 */
export type UsageSource = 'provider' | 'counted' | 'flat';

/** What of a usage had no price: counts by unit, and `tier:NAME` for a service tier. */
export type Unpriced = Readonly<Record<string, number>>;

export const UNKNOWN_USAGE: Usage = { counts: {} };

/** All tokens of input, whether cached or not; undefined if none were reported. */
export function totalInput(counts: Counts): number | undefined {
  return sumOf(counts, INPUT_UNITS);
}

/** All tokens of output; undefined if none were reported. */
export function totalOutput(counts: Counts): number | undefined {
  return sumOf(counts, OUTPUT_UNITS);
}

/** Usage of text only, which is what most requests have. */
export function textUsage(tokens: {
  /** All of the input, cached or not. */
  readonly input?: number | undefined;
  readonly cachedInput?: number | undefined;
  readonly output?: number | undefined;
}): Usage {
  const { input, output } = tokens;
  const cached = Math.min(tokens.cachedInput ?? 0, input ?? 0);
  return {
    counts: {
      ...(input === undefined ? {} : { input: input - cached }),
      ...(tokens.cachedInput === undefined ? {} : { cached_input: cached }),
      ...(output === undefined ? {} : { output }),
    },
  };
}

function sumOf(counts: Counts, units: readonly Unit[]): number | undefined {
  let sum: number | undefined;
  for (const unit of units) {
    const count = counts[unit];
    if (count !== undefined) sum = (sum ?? 0) + count;
  }
  return sum;
}
