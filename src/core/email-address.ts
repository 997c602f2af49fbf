/** What can be an e-mail address. */

/** RFC 5321, 4.5.3.1.3: a path has at most 256 octets, its angle brackets included. */
const MOST_CHARACTERS = 254;
const MOST_IN_LABEL = 63;
/** An atom (RFC 5322, 3.2.3) with dots, as browsers check it; letters of all scripts (RFC 6531). */
const LOCAL_PART = /^[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]+$/u;
/** Of a domain (RFC 1123, 2.1), also an internationalised one. */
const LABEL = /^[\p{L}\p{M}\p{N}]([\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?$/u;

/** Whether mail can be addressed like this; whether it arrives, only sending tells. */
export function isEmailAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at < 0 || text.length > MOST_CHARACTERS || !LOCAL_PART.test(text.slice(0, at))) return false;
  const labels = text.slice(at + 1).split('.');
  return labels.every((label) => label.length <= MOST_IN_LABEL && LABEL.test(label));
}
