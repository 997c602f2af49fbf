/**
 * Tickets between two requests of a sign-in, and challenges of WebAuthn: what was found out in the
 * first request, signed, so that any server can go on with it and nothing is stored for those who
 * never do. Whoever takes one also spends it (`FactorStore.spend`), so that it counts once.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const LASTS_MS = 5 * 60_000;
const NONCE_BYTES = 16;
const MOST_CHARACTERS = 2_000;

/**
 * `sign_in`: the password was right, a second factor is missing. `tie`: a provider has named
 * somebody with the address of an account that is not theirs yet. `totp`: a secret that is not
 * confirmed. The others are challenges: for signing in with a passkey alone, for a passkey in
 * second place, for adding one, and for a proof of who a signed-in user is.
 */
export type TicketPurpose =
  | 'sign_in'
  | 'tie'
  | 'totp'
  | 'passkey:sign_in'
  | 'passkey:second'
  | 'passkey:add'
  | 'passkey:proof';

/** What a ticket says. */
export interface Ticket {
  /** Names it among those that were spent. */
  readonly id: string;
  /** undefined where it is not known yet who signs in. */
  readonly userId: number | undefined;
  /** Of the user when it was made. */
  readonly passwordVersion: number | undefined;
  /** More that it carries, such as a sealed secret. */
  readonly extra: string | undefined;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** What somebody is given a ticket for. */
export interface TicketFacts {
  readonly userId?: number | undefined;
  readonly passwordVersion?: number | undefined;
  readonly extra?: string | undefined;
}

/** Makes and reads the tickets of one installation. */
export class Tickets {
  readonly #key: Buffer;

  constructor(secretKey: string) {
    // A key of its own, so that no ticket is ever a token.
    this.#key = createHmac('sha256', secretKey).update('chit: tickets').digest();
  }

  /** @returns `FACTS.SIGNATURE`, both as base64url */
  make(purpose: TicketPurpose, facts: TicketFacts, nowMs: number): string {
    const nonce = randomBytes(NONCE_BYTES).toString('base64url');
    const { userId = null, passwordVersion = null, extra = null } = facts;
    const said = JSON.stringify([purpose, nonce, nowMs, userId, passwordVersion, extra]);
    const text = Buffer.from(said).toString('base64url');
    return `${text}.${this.#signatureOf(text).toString('base64url')}`;
  }

  /** @returns undefined if it was made for something else, has expired, or was not made here */
  read(purpose: TicketPurpose, ticket: string, nowMs: number): Ticket | undefined {
    if (ticket.length > MOST_CHARACTERS) return undefined;
    const [text = '', signature = '', ...rest] = ticket.split('.');
    if (rest.length > 0 || !this.#isSigned(text, signature)) return undefined;
    // What is signed was made above.
    const said = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    const [itsPurpose, nonce, issuedAtMs, userId, passwordVersion, extra] = said as [
      string,
      string,
      number,
      number | null,
      number | null,
      string | null,
    ];
    // Clocks of servers differ a little, so its age may be negative.
    if (itsPurpose !== purpose || Math.abs(nowMs - issuedAtMs) > LASTS_MS) return undefined;
    return {
      id: createHash('sha256').update(nonce).digest('base64url'),
      userId: userId ?? undefined,
      passwordVersion: passwordVersion ?? undefined,
      extra: extra ?? undefined,
      issuedAtMs,
      expiresAtMs: issuedAtMs + LASTS_MS,
    };
  }

  #isSigned(text: string, signature: string): boolean {
    const given = Buffer.from(signature, 'base64url');
    const expected = this.#signatureOf(text);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  #signatureOf(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}
