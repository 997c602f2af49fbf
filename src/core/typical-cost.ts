import type { Credits } from './credits.ts';
import { costOf, type Price } from './pricing.ts';
import { textUsage } from './usage.ts';

/** What a message usually costs, and how that is known. */
export interface TypicalCost {
  readonly credits: Credits;
  /** From the reader's own messages, from those of the whole site, or by the price alone. */
  readonly from: 'you' | 'site' | 'estimate';
}

/** Fewer messages tell nothing, and those of others might be told apart. */
const LEAST_OF_USER = 3;
const LEAST_OF_SITE = 10;
/** A short question and its answer. */
const SHORT = { input: 300, output: 400 };
/** What is thought before a short answer. */
const SHORT_THINKING = 800;

/**
 * The median of what messages to a model have cost its user; if these are few, of what they have
 * cost anybody; else what a short message costs.
 */
export function typicalCost(
  { price, thinks }: { readonly price: Price; readonly thinks: boolean },
  ofUser: readonly Credits[],
  ofSite: readonly Credits[],
): TypicalCost {
  if (ofUser.length >= LEAST_OF_USER) return { credits: median(ofUser), from: 'you' };
  if (ofSite.length >= LEAST_OF_SITE) return { credits: median(ofSite), from: 'site' };
  const output = SHORT.output + (thinks ? SHORT_THINKING : 0);
  return { credits: costOf(price, textUsage({ input: SHORT.input, output })), from: 'estimate' };
}

function median(values: readonly Credits[]): Credits {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
