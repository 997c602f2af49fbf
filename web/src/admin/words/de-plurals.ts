const numbers = new Intl.NumberFormat('de');

/** A whole number, grouped as it is in German. */
export function number(value: number): string {
  return numbers.format(value);
}

/** So many of something, in German. */
export function counted(count: number, one: string, many: string): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** So many accounts. */
export function accounts(count: number): string {
  return counted(count, 'Konto', 'Konten');
}

/** So many tokens; the word is the same for one. */
export function tokens(count: number): string {
  return counted(count, 'Token', 'Token');
}

/** So many sessions. */
export function sessions(count: number): string {
  return counted(count, 'Sitzung', 'Sitzungen');
}
