/** What can be an e-mail address. */

/** RFC 5321, 4.5.3.1.3: a path has at most 256 octets, its angle brackets included. */
const MOST_BYTES = 254;
/** RFC 5321, 4.5.3.1.1. */
const MOST_LOCAL_BYTES = 64;
const MOST_IN_LABEL = 63;
/** Atoms (RFC 5322, 3.2.3) between dots, as browsers check them; any script (RFC 6531). */
const ATOM = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+$/u;
/** Of a domain (RFC 1123, 2.1), also an internationalised one. */
const LABEL = /^[\p{L}\p{M}\p{N}]([\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?$/u;

/**
 * Whether mail can be addressed like this: no quotes, comments, control characters and names of
 * single machines. Whether it arrives, only sending tells.
 */
export function isEmailAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(0, at));
  if (bytesOf(text) > MOST_BYTES || bytesOf(local) > MOST_LOCAL_BYTES) return false;
  const labels = text.slice(at + 1).split('.');
  return (
    local.split('.').every((atom) => ATOM.test(atom)) &&
    labels.length > 1 &&
    labels.every((label) => label.length <= MOST_IN_LABEL && LABEL.test(label))
  );
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
