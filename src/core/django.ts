/** How a Django site keeps what is brought over from it. */

/**
 * What a password column has: a hash that we can check, the mark or hash of something that we
 * cannot, or the password itself.
 * https://docs.djangoproject.com/en/stable/topics/auth/passwords/
 */
export type DjangoPassword = 'checkable' | 'unusable' | 'clear';

const CHECKABLE = /^pbkdf2_sha256\$\d+\$[^$]+\$[A-Za-z0-9+/]+=*$/;
const HASHERS = [
  ...['pbkdf2_sha256', 'pbkdf2_sha1', 'argon2', 'bcrypt', 'bcrypt_sha256', 'scrypt'],
  ...['md5', 'unsalted_md5', 'sha1', 'unsalted_sha1', 'crypt'],
];
const OTHER_HASHES = new RegExp(`^(${HASHERS.join('|')})\\$`);

const UNSALTED_MD5 = /^[0-9a-f]{32}$/;

/** Which of them a text is. */
export function kindOfPassword(text: string): DjangoPassword {
  if (CHECKABLE.test(text)) return 'checkable';
  // What merely looks like a hash counts as one: taken for a password, it would let in whoever has
  // read it.
  const isHash = OTHER_HASHES.test(text) || UNSALTED_MD5.test(text);
  const isMark = text === '' || text.startsWith('!') || isHash;
  return isMark ? 'unusable' : 'clear';
}

/**
 * The moment that a DateTimeField of SQLite has, which Django writes in UTC and without saying so:
 * `2024-05-06 07:08:09.123456`. In milliseconds; undefined if it is none.
 */
export function momentOf(text: string): number | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(Z|[+-]\d\d:?\d\d)?$/;
  const [, day, time = '', zone = 'Z'] = parts.exec(text.trim()) ?? [];
  if (day === undefined) return undefined;
  // JavaScript knows milliseconds.
  const ms = Date.parse(`${day}T${time.replace(/(\.\d{3})\d+$/, '$1')}${zone}`);
  return Number.isNaN(ms) || ms < 0 ? undefined : ms;
}

/**
 * The id of a chat that was brought over: shaped as a UUID of version 7 made when it was said, so
 * that it sorts by time and then by its old id, and always the same for the same chat.
 */
export function idOfChat(chatId: number, atMs: number): string {
  const time = atMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${tail(chatId)}`;
}

/** The id of the transfer by which an account that was brought over got its balance. */
export function idOfOpening(userId: number): string {
  return `00000000-0000-8${tail(userId)}`;
}

function tail(id: number): string {
  const hex = id.toString(16).padStart(18, '0');
  return `${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6)}`;
}
