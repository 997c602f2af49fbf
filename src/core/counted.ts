const rules = new Intl.PluralRules('en');

/** The noun that goes with a count in English. */
export function nounFor(count: number | bigint, one: string, many = `${one}s`): string {
  return rules.select(Number(count)) === 'one' ? one : many;
}

/** A count with its noun in English, such as `2 users`. */
export function counted(count: number | bigint, one: string, many?: string): string {
  return `${count} ${nounFor(count, one, many)}`;
}
