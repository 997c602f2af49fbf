/**
 * Finding words in texts whatever the case of their letters. What a database takes for the other
 * case of a letter depends on its locale, and on what it was built with: with the locale C neither
 * folds more than ASCII, ICU is not everywhere, and PostgreSQL before 17 has no table of its own.
 * So the pattern names both cases of each letter, and no database has to know them.
 */
import { type RawBuilder, sql } from 'kysely';

/** Says in SQL that a column has words in it; exactly as they were said they are always found. */
export type Matching = (column: string, words: string) => RawBuilder<boolean>;

/** By the matching of shell patterns; LIKE is five times as fast, and knows the cases of ASCII. */
export const sqliteMatching: Matching = (column, words) => {
  if (IS_ASCII.test(words)) {
    const pattern = `%${words.replace(/[\\%_]/g, '\\$&')}%`;
    return sql`${sql.ref(column)} LIKE ${pattern} ESCAPE '\\'`;
  }
  const pattern = `*${patternOf(words, (character) => character.replace(/[*?[]/, '[$&]'))}*`;
  return sql`${sql.ref(column)} GLOB ${pattern}`;
};

/** By a regular expression, which takes no longer than `lower` and LIKE. */
export const postgresMatching: Matching = (column, words) => {
  const pattern = patternOf(words, (character) => character.replace(/[.^$*+?()[\]{}|\\]/, '\\$&'));
  return sql`${sql.ref(column)} ~ ${pattern}`;
};

const IS_ASCII = /^[\0-\x7f]*$/;

/** @param escaped makes a character that has no case stand for itself */
function patternOf(words: string, escaped: (character: string) => string): string {
  return Array.from(words, (character) => {
    const cases = casesOf(character);
    return cases.length > 1 ? `[${cases.join('')}]` : escaped(character);
  }).join('');
}

/** What is no single letter, as ß is in capitals, is left out. */
function casesOf(letter: string): string[] {
  const cases = [letter, letter.toLowerCase(), letter.toUpperCase()];
  return [...new Set(cases)].filter((it) => Array.from(it).length === 1);
}
