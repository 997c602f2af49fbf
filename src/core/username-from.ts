/** Usernames from what a provider or a directory calls a person. */
import { faultOfUsername } from './usernames.ts';

/** The most characters of a username. */
const LENGTH = 50;
/** As long may be what is put behind a name that is taken. */
const SUFFIX = 10;

/**
 * A name that a new account may have, as close to a text as possible.
 * @returns undefined if nothing of it can stay
 */
export function usernameFrom(text: string): string | undefined {
  const whole = text.normalize('NFC').trim();
  if (whole !== '' && whole.length <= LENGTH && faultOfUsername(whole) === undefined) return whole;
  const plain = text.normalize('NFKC').replace(/[\s:]+/g, ' ');
  const allowed = [...plain].filter((it) => it === ' ' || isAllowed(it)).join('');
  const short = cut(allowed.replace(/ +/g, ' ').trim());
  return short !== '' && faultOfUsername(short) === undefined ? short : undefined;
}

/** The name that is tried when another one is taken. */
export function numbered(username: string, suffix: string): string {
  return `${cut(username)}-${suffix}`;
}

/** A letter with its marks may be allowed where the mark alone is not. */
function isAllowed(character: string): boolean {
  return faultOfUsername(`a${character}`) !== 'characters';
}

function cut(name: string): string {
  let short = '';
  for (const character of name) {
    if (short.length + character.length > LENGTH - SUFFIX) break;
    short += character;
  }
  return short.trim();
}
