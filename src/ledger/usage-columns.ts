import { totalInput, totalOutput, type Unpriced, type Usage } from '../core/usage.ts';

/** Usage as the columns of a charge. Most is tokens of text, which three counts tell. */
export interface UsageColumns {
  readonly input: number | null;
  readonly cachedInput: number | null;
  readonly output: number | null;
  /** JSON of all of it; null if the counts tell all. */
  readonly usage: string | null;
  /** JSON of what had no price; null if all had one. */
  readonly unpriced: string | null;
}

/** @param unpriced what of the usage had no price */
export function usageColumns(usage: Usage, unpriced: Unpriced | undefined): UsageColumns {
  const { counts, tier, answers } = usage;
  const isText = Object.keys(counts).every(isOfText) && tier === undefined && answers === undefined;
  return {
    input: totalInput(counts) ?? null,
    cachedInput: counts.cached_input ?? null,
    output: totalOutput(counts) ?? null,
    usage: isText ? null : JSON.stringify(usage),
    unpriced: unpriced ? JSON.stringify(unpriced) : null,
  };
}

function isOfText(unit: string): boolean {
  return unit === 'input' || unit === 'cached_input' || unit === 'output';
}
