/** The data formats of a Django site, for imports from it. */
import { type Credits, MAX_CREDITS } from './credits.ts';

/**
 * What a password column contains: a hash that we can verify, a marker or a hash that we cannot, or
 * the password in clear text.
 * https://docs.djangoproject.com/en/stable/topics/auth/passwords/
 */
export type DjangoPassword = 'checkable' | 'unusable' | 'clear';

const HASHERS = [
  ...['pbkdf2_sha256', 'pbkdf2_sha1', 'argon2', 'bcrypt', 'bcrypt_sha256', 'scrypt'],
  ...['md5', 'unsalted_md5', 'sha1', 'unsalted_sha1', 'crypt'],
];
const OTHER_HASHES = new RegExp(`^(${HASHERS.join('|')})\\$`);

const UNSALTED_MD5 = /^[0-9a-f]{32}$/;

/** The kind of a password column. */
export function kindOfPassword(text: string): DjangoPassword {
  if (readDjangoHash(text)) return 'checkable';
  // Whatever looks like a hash counts as one: if it were taken for a password, anybody who has read
  // it could log in.
  const isHash = OTHER_HASHES.test(text) || UNSALTED_MD5.test(text);
  const isUnusable = text === '' || text.startsWith('!') || isHash;
  return isUnusable ? 'unusable' : 'clear';
}

/** PBKDF2 with SHA-256, as Django writes it: `pbkdf2_sha256$iterations$salt$hash`. */
export interface DjangoHash {
  readonly iterations: number;
  readonly salt: string;
  /** 32 bytes in base64. */
  readonly hash: string;
}

/** 32 bytes are 43 base64 digits and one character of padding. */
const PBKDF2_SHA256 = /^pbkdf2_sha256\$(\d+)\$([^$]+)\$([A-Za-z0-9+/]{43}=)$/;
/** Far more than Django uses; protects the server from absurd hashes. */
const MAX_ITERATIONS = 10_000_000;

/** Parses a hash; undefined if passwords cannot be verified against it. */
export function readDjangoHash(text: string): DjangoHash | undefined {
  const [, digits, salt, hash] = PBKDF2_SHA256.exec(text) ?? [];
  const iterations = Number(digits);
  const isValid = iterations > 0 && iterations <= MAX_ITERATIONS;
  return isValid && salt && hash ? { iterations, salt, hash } : undefined;
}

/**
 * The balance in a tokens column.
 * @param tokens any value; integers as `bigint`
 * @returns what can be booked and, if it differs, the problem as a phrase
 */
export function balanceOf(tokens: unknown): { credits: Credits; problem: string | undefined } {
  if (tokens === null) return { credits: 0, problem: 'there is no balance; it is 0 here' };
  if (typeof tokens !== 'bigint' && typeof tokens !== 'number') {
    const shown = typeof tokens === 'string' ? `"${tokens}"` : 'that is no text';
    return { credits: 0, problem: `the balance ${shown} is none; it is 0 here` };
  }
  if (tokens < 0) return { credits: 0, problem: `the balance was ${tokens}; it is 0 here` };
  if (tokens > MAX_CREDITS) {
    const problem = `the balance ${tokens} is too large; it is ${MAX_CREDITS} here`;
    return { credits: MAX_CREDITS, problem };
  }
  const credits = Math.floor(Number(tokens));
  if (credits === Number(tokens)) return { credits, problem: undefined };
  return { credits, problem: `the balance ${tokens} is not whole; it is ${credits} here` };
}

/**
 * Parses a DateTimeField of SQLite, which Django writes in UTC without a zone:
 * `2024-05-06 07:08:09.123456`. In milliseconds; undefined if it is invalid or before 1970.
 */
export function momentOf(text: string): number | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(Z|[+-]\d\d:?\d\d)?$/;
  const [, day, time = '', zone = 'Z'] = parts.exec(text.trim()) ?? [];
  if (day === undefined || midnightOf(day) === undefined) return undefined;
  // JavaScript has millisecond resolution.
  const ms = Date.parse(`${day}T${time.replace(/(\.\d{3})\d+$/, '$1')}${zone}`);
  return Number.isNaN(ms) || ms < 0 ? undefined : ms;
}

/**
 * Midnight UTC of a date without a time, such as `2024-05-06`. In milliseconds; undefined if it is
 * invalid or before 1970.
 */
export function midnightOf(text: string): number | undefined {
  const [, year, month] = /^(\d{4})-(\d\d)-\d\d$/.exec(text.trim()) ?? [];
  if (year === undefined) return undefined;
  const ms = Date.parse(`${text.trim()}T00:00:00Z`);
  // JavaScript parses February 31 as a day in March.
  const isInMonth = ms <= Date.UTC(Number(year), Number(month), 0);
  return isInMonth && ms >= 0 ? ms : undefined;
}

/**
 * The id of an imported chat: a UUID version 7 of its time, so that it sorts by time and then by
 * its old id, and always the same for the same chat.
 */
export function idOfChat(chatId: bigint, atMs: number): string {
  const time = atMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${tail(chatId)}`;
}

/** The id of the opening transfer of an imported account. */
export function idOfOpening(userId: bigint): string {
  return `00000000-0000-8${tail(userId)}`;
}

/** Unique for every integer of SQLite; negative ones sort last. */
function tail(id: bigint): string {
  const hex = BigInt.asUintN(64, id).toString(16).padStart(18, '0');
  return `${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6)}`;
}
