/** The cost of a message, usually and at most, before it is sent. */
import type { Message, Model } from '../api/types.ts';

const MILLION = 1_000_000;
/** What a provider may add to a message: its role, and where it begins and ends. */
const MESSAGE_TOKENS = 8;
/** Bytes of usual text for a token. */
export const USUAL_BYTES = 4;
const utf8 = new TextEncoder();

export interface Estimate {
  readonly credits: number;
  /** Whether it is the price and not an upper bound. */
  readonly isExact: boolean;
}

/** How hard a model is told to think; null leaves it to the model. */
export type Effort = Model['effort'][number]['level'] | null;

/**
 * The upper bound of a message's cost: what the server holds, by the dearest rates. The charge
 * never exceeds the hold, and no tokenizer makes more tokens of a text than it has bytes.
 * @param bytes of all that the model reads, the new message included
 */
export function estimateOf(model: Model, bytes: number, effort: Effort = null): Estimate {
  const { price, added_input: added } = model;
  const { per_message: perMessage } = price;
  const perInput = Math.max(price.per_million_input, price.per_million_cached_input);
  if (perInput === 0 && price.per_million_output === 0) {
    return { credits: perMessage, isExact: true };
  }
  const told = model.effort.find(({ level }) => level === effort);
  const outputLimit = told?.output_limit ?? model.output_limit;
  const most = (bytes + added) * perInput + outputLimit * price.per_million_output;
  return { credits: perMessage + Math.ceil(most / MILLION), isExact: false };
}

/**
 * The upper bound of a message's cost, whichever of some models answers it.
 * @param bytesFor of all that a model reads
 */
export function highestOf(
  models: readonly Model[],
  bytesFor: (model: Model) => number,
  effort: Effort = null,
): Estimate {
  const all = models.map((it) => estimateOf(it, bytesFor(it), effort));
  const credits = Math.max(...all.map((it) => it.credits));
  return { credits, isExact: all.every((it) => it.isExact && it.credits === credits) };
}

/**
 * What a message usually costs: what messages to the model have cost, and at least what it reads
 * now, which may be a long chat.
 */
export function usualCostOf(model: Model, bytes: number): number {
  const { price, typical_cost: typical } = model;
  const input = ((bytes / USUAL_BYTES) * price.per_million_input) / MILLION;
  return Math.max(typical.tokens, price.per_message + Math.ceil(input));
}

/** The bytes of texts in UTF-8, and what a provider may add to each of them. */
export function bytesIn(texts: readonly string[]): number {
  return texts.reduce((sum, it) => sum + utf8.encode(it).length + MESSAGE_TOKENS, 0);
}

/** All texts that a model reads before a message at the end of a branch. */
export function readBefore(branch: readonly Message[], systemPrompt: string): string[] {
  return [systemPrompt, ...branch.flatMap(({ content, reply }) => [content, reply ?? ''])];
}
