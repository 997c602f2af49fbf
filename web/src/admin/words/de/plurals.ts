import { nounsOf } from '../../../strings/plurals.ts';

const noun = nounsOf('de');
const numbers = new Intl.NumberFormat('de');

/** A whole number with German digit grouping. */
export function number(value: number): string {
  return numbers.format(value);
}

/** A count with its noun, such as `2 Konten`. */
export function counted(count: number, one: string, many: string): string {
  return `${number(count)} ${noun(count, one, many)}`;
}

/** A number of accounts. */
export function accounts(count: number): string {
  return counted(count, 'Konto', 'Konten');
}

/** A number of tokens; singular and plural are the same word. */
export function tokens(count: number): string {
  return counted(count, 'Token', 'Token');
}

/** A number of sessions. */
export function sessions(count: number): string {
  return counted(count, 'Sitzung', 'Sitzungen');
}
