import { nounsOf } from '../../../strings/plurals.ts';

const noun = nounsOf('en');
const numbers = new Intl.NumberFormat('en');

/** A whole number with English digit grouping. */
export function number(value: number): string {
  return numbers.format(value);
}

/** A count with its noun, such as `2 users`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${noun(count, one, many)}`;
}
