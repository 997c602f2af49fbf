/** Parsers of settings. Each throws an Error that says what is expected. */
import { isIP } from 'node:net';
import { closest } from 'fastest-levenshtein';
import { withOneHost } from '../core/hidden-password.ts';

/** An integer within bounds. */
export function wholeNumber({ from, to }: { from: number; to: number }) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= from && value <= to) return value;
    throw new Error(`"${text}" is not a whole number from ${from} to ${to}.`);
  };
}

/** 0, or what the parser takes. */
export function zeroOr(parse: (text: string) => number) {
  return (text: string): number => (text === '0' ? 0 : parse(text));
}

/** A name or an address to listen on, or `unix:` and the path of a socket. */
export function listenHost(text: string): string {
  if (text === 'unix:') throw new Error('after "unix:" comes a path, such as /run/chit/chit.sock.');
  return text;
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

/** First segments of paths of the site itself, which therefore cannot be a path in front of it. */
export const OWN_PATHS = [
  'account',
  'admin',
  'api',
  'assets',
  'c',
  'confirm',
  'docs',
  'forgotten',
  'healthz',
  'invited',
  'metrics',
  'readyz',
  'reset',
  'scim',
  'setup',
  'shared',
  'statement',
  'unsubscribe',
  'v1',
];

/**
 * The address of the site as people type it.
 * @returns it without a slash at the end; empty if it is not set
 */
export function publicUrl(text: string): string {
  if (text === '') return '';
  const example = 'an address such as https://chat.example.org/ or https://example.org/chat/';
  if (!URL.canParse(text)) throw new Error(`"${text}" is not ${example}.`);
  const { protocol, username, password, search, hash, origin, pathname } = new URL(text);
  const isPlain = /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === '';
  const path = pathname.replace(/\/+$/, '');
  if (!isPlain || !/^(\/[\w.~-]+)*$/.test(path)) throw new Error(`"${text}" is not ${example}.`);
  const first = path.split('/')[1]?.toLowerCase() ?? '';
  if (!OWN_PATHS.includes(first)) return origin + path;
  throw new Error(`its path cannot begin with /${first}, which is a path of Chit itself.`);
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
  const { single } = withOneHost(text);
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(single)) {
    const { username, password, pathname, hash } = new URL(single);
    const isSplit = `${pathname}${hash}`.includes('@');
    if (!isSplit && [username, password].every(isPercentEncoded)) return text;
    throw new Error('in its password "@", ":", "/", "?", "#" and "%" must be percent-encoded.');
  }
  throw new Error('it is neither sqlite:PATH nor postgres://USER:PASSWORD@HOST/NAME.');
}

/** Variables of libpq that say how to connect, each with the parameter that overrides it. */
const LIBPQ_VARIABLES = {
  PGSSLMODE: 'sslmode',
  PGSSLROOTCERT: 'sslrootcert',
  PGSSLCERT: 'sslcert',
  PGSSLKEY: 'sslkey',
  PGTARGETSESSIONATTRS: 'target_session_attrs',
};

/**
 * A URL of PostgreSQL together with the variables that libpq would read; the driver knows few.
 * https://www.postgresql.org/docs/current/libpq-envars.html
 */
export function withLibpqVariables(
  url: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  if (url.startsWith('sqlite:')) return url;
  const given = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1] ?? '');
  let text = url;
  for (const [variable, name] of Object.entries(LIBPQ_VARIABLES)) {
    const value = environment[variable];
    if (!value || given.has(name)) continue;
    text += `${text.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`;
  }
  return text;
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
