/** Parsers of settings. Each throws an Error that says what is expected. */
import { isIP } from 'node:net';
import { closest } from 'fastest-levenshtein';

/** An integer within bounds. */
export function wholeNumber({ from, to }: { from: number; to: number }) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= from && value <= to) return value;
    throw new Error(`"${text}" is not a whole number from ${from} to ${to}.`);
  };
}

/** What another parser takes, or nothing. */
export function optional<T>(parse: (text: string) => T) {
  return (text: string): T | undefined => (text === '' ? undefined : parse(text));
}

/** A secret that a header can have, long enough not to be guessed, or nothing. */
export function token(text: string): string {
  if (text === '' || /^[\x21-\x7e]{16,}$/.test(text)) return text;
  throw new Error('it must have at least 16 characters, without spaces.');
}

/** One of several words. */
export function oneOf<const T extends string>(...choices: T[]) {
  return (text: string): T => {
    const choice = choices.find((it) => it === text);
    if (choice) return choice;
    const nearest = closest(text.toLowerCase(), choices);
    throw new Error(`"${text}" is none of ${choices.join(', ')}. Did you mean ${nearest}?`);
  };
}

/** A short text for people. */
export function shortText({ most }: { most: number }) {
  return (text: string): string => {
    if (text.length <= most) return text.trim();
    throw new Error(`it has ${text.length} characters; at most ${most} are allowed.`);
  };
}

/** A comma-separated list; empty items are ignored. */
export function listOf(parseOne: (text: string) => string) {
  return (text: string): string[] =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map(parseOne);
}

/** An origin, as browsers send it (RFC 6454). */
export function origin(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text) return text;
  throw new Error(`"${text}" is not an origin such as https://chat.example.org.`);
}

/** An IP address or a CIDR range. */
export function proxyAddress(text: string): string {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const allBits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  const usedBits = Number(bits ?? allBits);
  if (0 < usedBits && usedBits <= allBits) return text;
  throw new Error(`"${text}" is not an address such as 10.0.0.2 or 10.0.0.0/8.`);
}

/** The URL of a database. */
export function databaseUrl(text: string): string {
  if (text.startsWith('sqlite:') && text.replace(/^sqlite:(\/\/)?/, '') !== '') return text;
  // Below, the text is not repeated, since it may contain a password.
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) {
    const { username, password, pathname, hash } = new URL(text);
    const isSplit = `${pathname}${hash}`.includes('@');
    if (!isSplit && [username, password].every(isPercentEncoded)) return text;
    throw new Error('in its password "@", ":", "/", "?", "#" and "%" must be percent-encoded.');
  }
  throw new Error('it is neither sqlite:PATH nor postgres://USER:PASSWORD@HOST/NAME.');
}

/** RFC 3986, section 2.1. */
function isPercentEncoded(text: string): boolean {
  return !/%(?![0-9a-f]{2})/i.test(text);
}

/** A key that is long enough to sign with, or nothing. */
export function secretKey(text: string): string {
  if (text === '' || Buffer.byteLength(text) >= 32) return text;
  throw new Error('it has fewer than 32 bytes, too few to sign with (RFC 7518, section 3.2).');
}
