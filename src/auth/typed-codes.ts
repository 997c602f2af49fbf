/** Codes that people type: in letters and digits that nobody takes for one another. */

/** Crockford's base 32: no I, L, O or U (https://www.crockford.com/base32.html). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BITS_PER_CHARACTER = 5;
/** What people type between groups, or copy along. */
const IGNORED = /[\s\-‐‑‒–—_.]/gu;
/** Nobody types more, dashes and spaces included. */
const MAX_TYPED = 200;

/**
 * The first bits of these bytes as characters.
 * @param characters how many; there must be five bits for each
 */
export function base32(bytes: Buffer, characters: number): string {
  let text = '';
  let bits = 0;
  let count = 0;
  for (const byte of bytes.subarray(0, Math.ceil((characters * BITS_PER_CHARACTER) / 8))) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= BITS_PER_CHARACTER; count -= BITS_PER_CHARACTER) {
      text += ALPHABET[(bits >> (count - BITS_PER_CHARACTER)) & 31];
    }
    bits &= 31;
  }
  return text.slice(0, characters);
}

/** The characters that somebody typed, without what is between; undefined if it is no code. */
export function readTyped(typed: string, characters: number): string | undefined {
  if (typed.length > MAX_TYPED) return undefined;
  const plain = typed
    .normalize('NFKC')
    .replace(IGNORED, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  const isCode = plain.length === characters && [...plain].every((it) => ALPHABET.includes(it));
  return isCode ? plain : undefined;
}

/** With a dash after each group of so many characters. */
export function inGroups(plain: string, characters: number): string {
  return plain.replace(new RegExp(`.{${characters}}(?=.)`, 'g'), '$&-');
}
