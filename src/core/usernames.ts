/**
 * Which names new accounts may have. They follow PRECIS UsernameCasePreserved (RFC 8265, 3.4) as
 * far as the original API allows: it accepts emoji, and it keeps composed and decomposed letters
 * apart. Accounts that exist keep their names.
 */

/** Letters, digits and marks of all scripts (RFC 8264, 9.1), printable ASCII, and emoji. */
const ALLOWED = /^[\x20-\x7e\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}\p{So}\p{Emoji_Modifier}]*$/u;
/** Invisible (RFC 8264, 9.13). */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;
/** Disallowed by RFC 5892, 2.6, or old Hangul Jamo (2.9). */
const EXCEPTIONS =
  /[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/;
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
/** Latin letters cannot be told from many of these. */
const LATIN = /\p{Script=Latin}/u;
const LIKE_LATIN = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;
/** Who acts in the books, apart from users. */
const RESERVED = 'system';

/** Cyrillic and Greek letters that look like a Latin one (UTS 39), lower case. */
const LOOK_ALIKES = new Map(
  Object.entries({
    а: 'a',
    в: 'b',
    е: 'e',
    ё: 'ë',
    к: 'k',
    м: 'm',
    н: 'h',
    о: 'o',
    р: 'p',
    с: 'c',
    т: 't',
    у: 'y',
    х: 'x',
    ѕ: 's',
    і: 'i',
    ї: 'ï',
    ј: 'j',
    һ: 'h',
    ԁ: 'd',
    ԛ: 'q',
    ԝ: 'w',
    ү: 'y',
    α: 'a',
    β: 'b',
    ε: 'e',
    ζ: 'z',
    η: 'n',
    ι: 'i',
    κ: 'k',
    μ: 'm',
    ν: 'v',
    ο: 'o',
    ρ: 'p',
    τ: 't',
    υ: 'u',
    χ: 'x',
    γ: 'y',
    ı: 'i',
    ɑ: 'a',
    ɡ: 'g',
  }),
);

/** What is wrong with a name for a new account; undefined if nothing. */
export type UsernameFault = 'characters' | 'mixed_scripts' | 'reserved';

/** @param name without white space around it */
export function faultOfUsername(name: string): UsernameFault | undefined {
  const isForbidden = INVISIBLE.test(name) || EXCEPTIONS.test(name) || hasCompatibility(name);
  if (isForbidden || !ALLOWED.test(name)) return 'characters';
  // An invisible difference: two spaces look like one (RFC 8265, 3.1).
  if (name.includes('  ') || /^\p{M}/u.test(name)) return 'characters';
  const mixesDirections =
    RIGHT_TO_LEFT.test(name) && /[\p{Script=Latin}\p{Script=Han}]/u.test(name);
  if (mixesDirections || (LATIN.test(name) && LIKE_LATIN.test(name))) return 'mixed_scripts';
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

/** Whether a character other than a symbol has a compatibility form (RFC 8264, 9.17). */
function hasCompatibility(name: string): boolean {
  return [...name].some((it) => it.normalize('NFKC') !== it.normalize('NFC'));
}
