/**
 * Marks of browsers that a user has signed in with, as OWASP describes ("Slow Down Online Guessing
 * Attacks with Device Cookies"): guesses of others never lock such a browser out.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const NONCE_BYTES = 12;
/** A family may share a browser. */
const MAX_USERS = 5;
const SEPARATOR = '~';

/** Makes and reads marks of one installation. A mark is `USER.NONCE.SIGNATURE`. */
export class KnownDevices {
  readonly #key: Buffer;

  constructor(secretKey: string) {
    // A key of its own, so that no mark is ever a token.
    this.#key = createHmac('sha256', secretKey).update('chit: known devices').digest();
  }

  /** The id of a user's mark among those of a cookie; undefined if there is none. */
  idIn(cookie: string, userId: number): string | undefined {
    const mark = this.#markIn(cookie, userId);
    return mark?.slice(0, mark.lastIndexOf('.'));
  }

  /** The cookie after this user has signed in: with a mark of the user, and those of others. */
  after(cookie: string, userId: number): string {
    const mark = this.#markIn(cookie, userId) ?? this.#newMark(userId);
    const others = cookie.split(SEPARATOR).filter((it) => it !== '' && !isOf(it, userId));
    return [mark, ...others.slice(0, MAX_USERS - 1)].join(SEPARATOR);
  }

  #markIn(cookie: string, userId: number): string | undefined {
    const marks = cookie.split(SEPARATOR).slice(0, MAX_USERS);
    return marks.find((it) => isOf(it, userId) && this.#isSigned(it));
  }

  #newMark(userId: number): string {
    const id = `${userId}.${randomBytes(NONCE_BYTES).toString('base64url')}`;
    return `${id}.${this.#signatureOf(id).toString('base64url')}`;
  }

  #isSigned(mark: string): boolean {
    const dot = mark.lastIndexOf('.');
    const given = Buffer.from(mark.slice(dot + 1), 'base64url');
    const expected = this.#signatureOf(mark.slice(0, dot));
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  #signatureOf(id: string): Buffer {
    return createHmac('sha256', this.#key).update(id).digest();
  }
}

function isOf(mark: string, userId: number): boolean {
  return mark.startsWith(`${userId}.`) && mark.split('.').length === 3;
}
