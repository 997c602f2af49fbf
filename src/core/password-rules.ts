/**
 * Which passwords may be chosen: the rules of NIST SP 800-63B-4, 3.1.1.2, and of OWASP ASVS 5.0,
 * 6.2. There are none on which characters a password has, and none is ever shortened.
 */
import type { FieldError, FieldFault } from './field-fault.ts';

/** In UTF-8. Hashing more would be work for nobody. */
export const MAX_PASSWORD_BYTES = 1_024;
/** Shorter ones exist only where an operator allows them, and then for the clients of old. */
const SHORTEST_CHECKED = 8;
/** A shorter name is in too many words. */
const SHORTEST_NAME = 3;

/** What is known of the place where a password is to be used. */
export interface PasswordPlace {
  /** In characters. */
  readonly minLength: number;
  /** The name of the account; undefined if it is not known. */
  readonly username: string | undefined;
  /** Words that everybody knows who comes here: the names of the program and of the site. */
  readonly siteWords: readonly string[];
  readonly isCommon: (password: string) => boolean;
}

/** What is wrong with a new password; undefined for nothing. */
export function faultOfNewPassword(password: string, place: PasswordPlace): FieldFault | undefined {
  const { minLength, username, siteWords, isCommon } = place;
  // NIST counts each code point as one character.
  const { length } = [...password];
  if (length < minLength) return { code: 'too_short', min: minLength };
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    return { code: 'too_many_bytes', max: MAX_PASSWORD_BYTES };
  }
  if (length < SHORTEST_CHECKED) return undefined;
  if (isCommon(password)) return { code: 'common_password' };
  const folded = foldPassword(password);
  if (namesIn(username ?? '').some((it) => folded.includes(it))) {
    return { code: 'password_has_username' };
  }
  const least = Math.max(minLength, SHORTEST_CHECKED);
  const isOfSite = siteWords.some((it) => isMostly(folded, foldPassword(it), least));
  return isOfSite ? { code: 'password_has_site_name' } : undefined;
}

/** The English sentence for a fault of a new password, with what to do. */
export function passwordFaultText(fault: FieldFault): string {
  switch (fault.code) {
    case 'too_short':
      // As the original API says it.
      return `Ensure this field has at least ${fault.min} characters.`;
    case 'too_many_bytes':
      return `A password can have at most ${fault.max} bytes in UTF-8. Choose a shorter one.`;
    case 'common_password':
      return 'This password is among the most common ones. Choose another.';
    case 'password_has_username':
      return 'The password contains the username. Choose one without it.';
    case 'password_has_site_name':
      return 'The password is little more than the name of this site. Choose another.';
    default:
      return 'This password is not valid.';
  }
}

/** A fault of a new password, with its sentence. */
export function passwordFieldError(fault: FieldFault): FieldError {
  return { message: passwordFaultText(fault), fault };
}

/**
 * A password as it is compared with common ones and with names: without the differences that do not
 * make it harder to guess. It is hashed as it was typed.
 */
export function foldPassword(password: string): string {
  return password.normalize('NFKC').toLowerCase().trim();
}

/** A name, and what is before the @ of an address. */
function namesIn(username: string): string[] {
  const name = foldPassword(username);
  const [local = ''] = name.split('@');
  return [name, local].filter((it) => [...it].length >= SHORTEST_NAME);
}

/** Whether a password without a word would be too short to be one. */
function isMostly(folded: string, word: string, least: number): boolean {
  if (word === '' || !folded.includes(word)) return false;
  return [...folded.replaceAll(word, '')].length < least;
}

/** The words that stand for a site: the name of the program, and what its host is called. */
export function siteWordsOf(publicUrl: string): readonly string[] {
  const host = publicUrl === '' ? '' : new URL(publicUrl).hostname;
  const isAddress = /^\[|^[\d.]+$/.test(host);
  const labels = isAddress ? [] : host.split('.').slice(0, -1);
  return ['chit', ...labels.filter((it) => it.length >= SHORTEST_NAME && it !== 'www')];
}
