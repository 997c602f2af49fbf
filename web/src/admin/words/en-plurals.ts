const numbers = new Intl.NumberFormat('en');

/** A whole number, grouped as it is in English. */
export function number(value: number): string {
  return numbers.format(value);
}

/** So many of something, in English; the plural has an s if it is not said otherwise. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}
