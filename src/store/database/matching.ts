/**
 * Case-insensitive search, in a time that grows with the length of the text and not with that of
 * the words. How a database folds case depends on its locale and on how it was built: with the
 * locale C neither folds more than ASCII, not every build has ICU, and PostgreSQL before 17 has no
 * built-in tables. So SQLite calls a function of ours, and PostgreSQL gets a pattern that names
 * both cases of each letter.
 */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { type RawBuilder, sql } from 'kysely';

/** A condition that a column contains some text, ignoring case. An exact match is always found. */
export type Matching = (column: string, words: string) => RawBuilder<boolean>;

/** Whether a text has these folded words in it, as 0 or 1. */
const CONTAINS = 'chit_contains';
/** Always 1; throws when the time of the query is over. */
const IN_TIME = 'chit_in_time';

/**
 * LIKE, which folds the case of ASCII, takes an eighth of the time of our function, unless the
 * words nearly match everywhere: it compares them anew at each character. So it gets short ones.
 */
const MAX_LIKE_CHARACTERS = 20;

/**
 * With LIKE for short words in ASCII, otherwise with a function. (GLOB with both cases of each
 * letter took a hundred seconds for 199 letters that occur everywhere but at the end, in 40 MB.)
 */
export const sqliteMatching: Matching = (column, words) => {
  if (IS_ASCII.test(words) && words.length <= MAX_LIKE_CHARACTERS) {
    const pattern = `%${words.replace(/[\\%_]/g, '\\$&')}%`;
    return sql`(${sql.raw(IN_TIME)}() AND ${sql.ref(column)} LIKE ${pattern} ESCAPE '\\')`;
  }
  return sql`${sql.raw(CONTAINS)}(${sql.ref(column)}, ${folded(words)})`;
};

const IS_ASCII = /^[\0-\x7f]*$/;

/**
 * Adds the functions of `sqliteMatching` to a connection.
 * @param checkTime is called for each text; what it throws ends the query
 */
export function addMatching(db: DatabaseSync, checkTime: () => void = () => undefined): void {
  db.function(CONTAINS, { deterministic: true }, (text: SQLOutputValue, words: SQLOutputValue) => {
    checkTime();
    return typeof text === 'string' && folded(text).includes(words as string) ? 1 : 0;
  });
  db.function(IN_TIME, () => {
    checkTime();
    return 1;
  });
}

/**
 * A text without its case. To upper case, where no letter depends on its neighbours (the lower case
 * of Σ does), so that the parts of a text are parts of the folded text.
 */
function folded(text: string): string {
  return text.toUpperCase();
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
