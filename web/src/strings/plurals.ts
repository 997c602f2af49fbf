/** Which form of a noun goes with a count, by the rules of a language (Unicode CLDR). */

/** Chooses between the two forms that English and German have. */
export type ChooseNoun = (count: number | string, one: string, many: string) => string;

/**
 * The rules of a language.
 * @returns a function that takes a count, or a whole number as it is written, grouped or not
 */
export function nounsOf(language: 'en' | 'de'): ChooseNoun {
  const rules = new Intl.PluralRules(language);
  return (count, one, many) => {
    const value = typeof count === 'number' ? count : Number(count.replace(/\D/g, ''));
    return rules.select(value) === 'one' ? one : many;
  };
}
