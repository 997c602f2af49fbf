/**
 * The codes of vouchers. They follow from the secret key, so that they can be printed again and a
 * copy of the database, which has only hashes, has none to redeem.
 */
import { createHash, createHmac } from 'node:crypto';
import { base32, inGroups, readTyped } from './typed-codes.ts';

/** 80 bits: nobody guesses one, nor finds one by its hash. */
const CHARACTERS = 16;
const GROUP = 4;

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
    return inGroups(base32(bits, CHARACTERS), GROUP);
  }
}

/** The code that somebody typed, as it is printed; undefined if it cannot be one. */
export function readCode(typed: string): string | undefined {
  const plain = readTyped(typed, CHARACTERS);
  return plain === undefined ? undefined : inGroups(plain, GROUP);
}

/** The hash under which a voucher is stored. */
export function hashOfCode(code: string): string {
  return createHash('sha256').update(code.replaceAll('-', '')).digest('hex');
}
