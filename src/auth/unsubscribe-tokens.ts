/** Tokens with which mail of one kind is ended without signing in (RFC 8058). */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a token stands for. */
export interface Unsubscription {
  readonly userId: number;
  readonly kind: string;
}

/** Makes and reads them. A token is `USER.KIND.SIGNATURE` and is valid for ever: mail is kept. */
export class UnsubscribeTokens {
  readonly #key: Buffer;

  constructor(secretKey: string) {
    this.#key = createHmac('sha256', secretKey).update('chit: unsubscribe').digest();
  }

  /** @param kind has letters, digits, dots and underscores */
  tokenFor({ userId, kind }: Unsubscription): string {
    const about = `${userId}.${Buffer.from(kind).toString('base64url')}`;
    return `${about}.${this.#signatureOf(about).toString('base64url')}`;
  }

  /** @returns undefined if it is none of this installation */
  read(token: string): Unsubscription | undefined {
    const [user = '', kind = '', signature = '', ...rest] = token.split('.');
    if (rest.length > 0) return undefined;
    const given = Buffer.from(signature, 'base64url');
    const expected = this.#signatureOf(`${user}.${kind}`);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return { userId: Number(user), kind: Buffer.from(kind, 'base64url').toString() };
  }

  #signatureOf(about: string): Buffer {
    return createHmac('sha256', this.#key).update(about).digest();
  }
}
