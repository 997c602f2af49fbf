/** What can be an e-mail address. */

/** RFC 5321, 4.5.3.1.3: a path has at most 256 octets, its angle brackets included. */
const MOST_CHARACTERS = 254;
/** As browsers check `<input type="email">`, with letters of all scripts (RFC 6531). */
const ADDRESS =
  /^[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]+@[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?(?:\.[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?)*$/u;

/** Whether mail can be addressed like this; whether it arrives, only sending tells. */
export function isEmailAddress(text: string): boolean {
  if (text.length > MOST_CHARACTERS) return false;
  const domain = text.slice(text.lastIndexOf('@') + 1);
  return ADDRESS.test(text) && domain.split('.').every((label) => label.length <= 63);
}
