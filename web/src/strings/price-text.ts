import type { Model } from '../api/types.ts';
import { number, strings } from './strings.ts';

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
