/**
 * The codes of vouchers. They follow from the secret key, so that they can be printed again and a
 * copy of the database, which has only hashes, has none to redeem.
 */
import { createHash, createHmac } from 'node:crypto';

/** Crockford's base 32: no I, L, O or U (https://www.crockford.com/base32.html). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BITS_PER_CHARACTER = 5;
/** 80 bits: nobody guesses one, nor finds one by its hash. */
const CHARACTERS = 16;
const GROUP = 4;
/** What people type between groups, or copy along. */
const IGNORED = /[\s\-‐‑‒–—_.]/gu;
/** Nobody types more, dashes and spaces included. */
const MAX_TYPED = 200;

/** Makes the codes of one installation. */
export class VoucherCodes {
  readonly #key: Buffer;

  constructor(secretKey: string) {
    // A key of its own, so that no code is ever a part of a token.
    this.#key = createHmac('sha256', secretKey).update('chit: vouchers').digest();
  }

  /**
   * The code of a voucher, as it is printed: `XXXX-XXXX-XXXX-XXXX`.
   * @param number counts the vouchers of the batch, from 1
   */
  codeOf(batchId: string, number: number): string {
    const bits = createHmac('sha256', this.#key).update(`${batchId} ${number}`).digest();
    return inGroups(base32(bits));
  }
}

/** The code that somebody typed, as it is printed; undefined if it cannot be one. */
export function readCode(typed: string): string | undefined {
  if (typed.length > MAX_TYPED) return undefined;
  const plain = typed
    .normalize('NFKC')
    .replace(IGNORED, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  const isCode = plain.length === CHARACTERS && [...plain].every((it) => ALPHABET.includes(it));
  return isCode ? inGroups(plain) : undefined;
}

/** The hash under which a voucher is stored. */
export function hashOfCode(code: string): string {
  return createHash('sha256').update(code.replaceAll('-', '')).digest('hex');
}

function base32(bytes: Buffer): string {
  let text = '';
  let bits = 0;
  let count = 0;
  for (const byte of bytes.subarray(0, (CHARACTERS * BITS_PER_CHARACTER) / 8)) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= BITS_PER_CHARACTER; count -= BITS_PER_CHARACTER) {
      text += ALPHABET[(bits >> (count - BITS_PER_CHARACTER)) & 31];
    }
    bits &= 31;
  }
  return text;
}

function inGroups(plain: string): string {
  return plain.replace(new RegExp(`.{${GROUP}}(?=.)`, 'g'), '$&-');
}
