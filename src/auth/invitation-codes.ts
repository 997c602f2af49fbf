/**
 * The codes of invitations, and the tokens of links that are mailed. Both follow from the secret
 * key, so that they can be printed and mailed again. The database has only hashes that are made
 * with the key, so that a copy of it has none to try codes on.
 */
import { createHmac } from 'node:crypto';
import { base32, inGroups, readTyped } from './typed-codes.ts';

/** 50 bits: short enough for children, since guesses are limited and nobody has plain hashes. */
const CHARACTERS = 10;
const GROUP = 5;
/** 256 bits in base64url. */
const MAIL_TOKEN = /^[\w-]{43}$/;

/** What somebody comes with: a code, printed or copied, or the token of a link that was mailed. */
export interface InvitationSecret {
  readonly kind: 'code' | 'mail';
  readonly hash: string;
}

/** Makes the codes and tokens of one installation. */
export class InvitationCodes {
  readonly #codeKey: Buffer;
  readonly #mailKey: Buffer;
  readonly #hashKey: Buffer;

  constructor(secretKey: string) {
    // Keys of their own, so that nothing of them is ever a part of something else.
    this.#codeKey = keyFor(secretKey, 'chit: invitations, codes');
    this.#mailKey = keyFor(secretKey, 'chit: invitations, mail');
    this.#hashKey = keyFor(secretKey, 'chit: invitations, hashes');
  }

  /** The code of an invitation, as it is printed: `XXXXX-XXXXX`. */
  codeOf(id: string): string {
    const bits = createHmac('sha256', this.#codeKey).update(id).digest();
    return inGroups(base32(bits, CHARACTERS), GROUP);
  }

  /** The token of the link that is mailed, which shows that somebody reads the mail. */
  mailTokenOf(id: string): string {
    return createHmac('sha256', this.#mailKey).update(id).digest('base64url');
  }

  /** The hashes under which an invitation is stored. */
  hashesOf(id: string): { readonly codeHash: string; readonly mailHash: string } {
    return {
      codeHash: this.#hashOf('code', this.codeOf(id).replaceAll('-', '')),
      mailHash: this.#hashOf('mail', this.mailTokenOf(id)),
    };
  }

  /** What somebody typed, or a link contains; undefined if it cannot be of any invitation. */
  read(typed: string): InvitationSecret | undefined {
    const code = readTyped(typed, CHARACTERS);
    if (code !== undefined) return { kind: 'code', hash: this.#hashOf('code', code) };
    const token = typed.trim();
    if (!MAIL_TOKEN.test(token)) return undefined;
    return { kind: 'mail', hash: this.#hashOf('mail', token) };
  }

  #hashOf(kind: InvitationSecret['kind'], secret: string): string {
    return createHmac('sha256', this.#hashKey).update(`${kind} ${secret}`).digest('hex');
  }
}

function keyFor(secretKey: string, purpose: string): Buffer {
  return createHmac('sha256', secretKey).update(purpose).digest();
}
