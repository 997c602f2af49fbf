/**
 * Which names new accounts may have. They follow PRECIS UsernameCasePreserved (RFC 8265, 3.4) as
 * far as the original API allows: it accepts emoji, and it keeps composed and decomposed letters
 * apart. Accounts that exist keep their names.
 */
import { LOOK_ALIKES } from './look-alikes.ts';

/** Letters, digits and marks of all scripts (RFC 8264, 9.1), printable ASCII, and emoji. */
const ALLOWED = /^[\x20-\x7e\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}\p{So}\p{Emoji_Modifier}]*$/u;
/** Invisible (RFC 8264, 9.13). */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;
/** Disallowed by RFC 5892, 2.6, or old Hangul Jamo (2.9). */
const EXCEPTIONS =
  /[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/;
/** Letters, digits and symbols that belong to no script, or to the script of the letter before. */
const OF_ALL = /[\p{scx=Common}\p{scx=Inherited}]/gu;
/**
 * Scripts that a name may be written in, each by itself or in one of the mixtures of Japanese,
 * Chinese and Korean: "highly restrictive" of UTS 39, 5.2. They are those in use today, of UAX 31,
 * tables 5 and 7.
 */
const WRITINGS = [
  ...['Latn Hani Hira Kana', 'Latn Hani Bopo', 'Latn Hani Hang'],
  ...['Arab', 'Armn', 'Beng', 'Cyrl', 'Deva', 'Ethi', 'Geor', 'Grek', 'Gujr', 'Guru', 'Hebr'],
  ...['Khmr', 'Knda', 'Laoo', 'Mlym', 'Mymr', 'Orya', 'Sinh', 'Taml', 'Telu', 'Thaa', 'Thai'],
  ...['Tibt', 'Adlm', 'Bali', 'Bamu', 'Batk', 'Cakm', 'Cans', 'Cham', 'Cher', 'Hmnp', 'Java'],
  ...['Kali', 'Lana', 'Lepc', 'Limb', 'Lisu', 'Mand', 'Mtei', 'Newa', 'Nkoo', 'Olck', 'Osge'],
  ...['Plrd', 'Rohg', 'Saur', 'Sund', 'Sylo', 'Syrc', 'Tale', 'Talu', 'Tavt', 'Tfng', 'Vaii'],
  ...['Wcho', 'Yiii'],
].map((scripts) => scripts.replace(/\w+/g, '\\p{scx=$&}').replaceAll(' ', ''));
/** Who acts in the books, apart from users. */
const RESERVED = 'system';

/** What is wrong with a name for a new account; undefined if nothing. */
export type UsernameFault = 'characters' | 'mixed_scripts' | 'reserved';

/** @param name without white space around it */
export function faultOfUsername(name: string): UsernameFault | undefined {
  const isForbidden = INVISIBLE.test(name) || EXCEPTIONS.test(name) || hasCompatibility(name);
  if (isForbidden || !ALLOWED.test(name)) return 'characters';
  // An invisible difference: two spaces look like one (RFC 8265, 3.1).
  if (name.includes('  ') || /^\p{M}/u.test(name)) return 'characters';
  if (mixesScripts(name)) return 'mixed_scripts';
  // Actors are written `user:42` and `cli:root`.
  return name.includes(':') || usernameKey(name) === RESERVED ? 'reserved' : undefined;
}

/**
 * Two names with the same key are too similar: letter case, width, compatibility forms (NFKC) and
 * letters that look alike make no difference. Composed and decomposed letters do, since the
 * original API tells them apart, so each character is taken by itself.
 */
export function usernameKey(name: string): string {
  let key = '';
  for (const character of name) {
    for (const folded of character.normalize('NFKC').toUpperCase().toLowerCase()) {
      key += LOOK_ALIKES.get(folded) ?? folded;
    }
  }
  return key.replace(/\s+/g, ' ').trim();
}

/** Scripts of the past can be mixed: nobody has a name in them, and look-alikes are taken. */
function mixesScripts(name: string): boolean {
  const letters = name.replaceAll(OF_ALL, '');
  if (letters === '') return false;
  const isIn = (writing: string) => new RegExp(`^[${writing}]*$`, 'u').test(letters);
  if (WRITINGS.some(isIn)) return false;
  return WRITINGS.some((writing) => new RegExp(`[${writing}]`, 'u').test(letters));
}

/** Whether a character other than a symbol has a compatibility form (RFC 8264, 9.17). */
function hasCompatibility(name: string): boolean {
  return [...name].some((it) => it.normalize('NFKC') !== it.normalize('NFC'));
}
