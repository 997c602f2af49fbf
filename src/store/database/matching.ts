/**
 * Case-insensitive search, in a time that grows with the length of the text and not with that of
 * the words. How a database folds case depends on its locale and on how it was built: with the
 * locale C neither folds more than ASCII, not every build has ICU, and PostgreSQL before 17 has no
 * built-in tables. So beyond ASCII both cases of each letter are named.
 */
import { type RawBuilder, sql } from 'kysely';
import { IN_TIME } from './in-time.ts';

/** A condition that a column contains some text, ignoring case. An exact match is always found. */
export type Matching = (column: string, words: string) => RawBuilder<boolean>;

/**
 * With `lower` for ASCII, `replace` for each other letter in the words, and `instr`, which compares
 * bytes. LIKE and GLOB compare their pattern anew at each character: 199 letters that occurred
 * everywhere but at the end took a hundred seconds in 40 MB.
 */
export const sqliteMatching: Matching = (column, words) => {
  let text = sql`lower(${sql.ref(column)})`;
  let wanted = asciiLower(words);
  for (const [from, to] of foldsFor(words)) {
    text = sql`replace(${text}, ${from}, ${to})`;
    wanted = wanted.replaceAll(from, to);
  }
  return sql`(${sql.raw(IN_TIME)}() AND instr(${text}, ${wanted}) > 0)`;
};

/** Which letters stand for which, in the text and in the words. */
function foldsFor(words: string): [from: string, to: string][] {
  const letters = [...new Set(words)].filter((it) => it > '\x7f');
  return letters.flatMap((letter) => {
    const cases = casesOf(letter).map(asciiLower);
    const [to = letter] = casesOf(letter.toLowerCase());
    return [...new Set(cases)].filter((it) => it !== to).map((it): [string, string] => [it, to]);
  });
}

/** As SQLite's `lower` folds it. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (it) => it.toLowerCase());
}

/** With a regular expression: an automaton, which reads each character once. */
export const postgresMatching: Matching = (column, words) => {
  const pattern = Array.from(words, (character) => {
    const cases = casesOf(character);
    const isLetter = cases.length > 1;
    return isLetter ? `[${cases.join('')}]` : character.replace(/[.^$*+?()[\]{}|\\]/, '\\$&');
  });
  return sql`${sql.ref(column)} ~ ${pattern.join('')}`;
};

/** Cases of more than one letter, such as SS for ß, are left out. */
function casesOf(letter: string): string[] {
  const cases = [letter, letter.toLowerCase(), letter.toUpperCase()];
  return [...new Set(cases)].filter((it) => Array.from(it).length === 1);
}
