/** What a message costs, or costs at most, before it is sent. */
import type { Message, Model } from '../api/types.ts';
import { number, strings } from '../strings/strings.ts';

const MILLION = 1_000_000;
/** Fewer for scripts that need more tokens: an estimate that is high disappoints nobody. */
const CHARACTERS_PER_TOKEN = 3;

export interface Estimate {
  readonly credits: number;
  /** Whether it is the price, and not the most that it can be. */
  readonly isExact: boolean;
}

/** @param said what the model will read, the new words included */
export function estimateOf(model: Model, said: readonly string[]): Estimate {
  const { price, output_limit: outputLimit } = model;
  const { per_message: perMessage } = price;
  const perInput = Math.max(price.per_million_input, price.per_million_cached_input);
  if (perInput === 0 && price.per_million_output === 0) {
    return { credits: perMessage, isExact: true };
  }
  const characters = said.reduce((sum, { length }) => sum + length, 0);
  const input = Math.ceil(characters / CHARACTERS_PER_TOKEN) * perInput;
  const output = outputLimit * price.per_million_output;
  return { credits: perMessage + Math.ceil((input + output) / MILLION), isExact: false };
}

/** All that a model reads when a message follows a branch. */
export function readBefore(branch: readonly Message[], systemPrompt: string): string[] {
  return [systemPrompt, ...branch.flatMap(({ content, reply }) => [content, reply ?? ''])];
}

/** A model's price in words. */
export function priceText({ price }: Model): string {
  const { per_message: message, per_million_input: input, per_million_output: output } = price;
  const parts = [
    ...(message > 0 ? [strings.value.perMessage(number(message))] : []),
    ...(input > 0 ? [strings.value.perMillionIn(number(input))] : []),
    ...(output > 0 ? [strings.value.perMillionOut(number(output))] : []),
  ];
  return parts.length === 0 ? strings.value.free : parts.join(' + ');
}
