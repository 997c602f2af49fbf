/** Recovery codes as people type them: `XXXX-XXXX-XXXX` in Crockford's base 32. */

/** The first characters find the code, the rest is hashed. */
export interface ReadRecoveryCode {
  readonly selector: string;
  readonly secret: string;
}

/** No I, L, O or U (https://www.crockford.com/base32.html). */
export const RECOVERY_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SELECTOR_CHARACTERS = 4;
/** 60 bits, of which 40 are hashed as a password is. */
export const RECOVERY_CHARACTERS = 12;
const IGNORED = /[\s\-‐‑‒–—_.]/gu;

/** A recovery code as it is shown. @param plain its characters */
export function shownRecoveryCode(plain: string): string {
  return plain.replace(/.{4}(?=.)/g, '$&-');
}

/** A recovery code that somebody typed; undefined if it cannot be one. */
export function readRecoveryCode(typed: string): ReadRecoveryCode | undefined {
  const plain = typed
    .normalize('NFKC')
    .replace(IGNORED, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  const isCode =
    plain.length === RECOVERY_CHARACTERS &&
    [...plain].every((it) => RECOVERY_ALPHABET.includes(it));
  if (!isCode) return undefined;
  return {
    selector: plain.slice(0, SELECTOR_CHARACTERS),
    secret: plain.slice(SELECTOR_CHARACTERS),
  };
}

/** A code of an authenticator app that somebody typed; undefined if it cannot be one. */
export function readTotpCode(typed: string): string | undefined {
  const plain = typed.normalize('NFKC').replace(IGNORED, '');
  return /^\d{6}$/.test(plain) ? plain : undefined;
}
