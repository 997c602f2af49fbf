/** Addresses of mail, and of servers that take it. */

/** An address with the name that mail programs show. */
export interface MailAddress {
  readonly name: string;
  readonly address: string;
}

/** An SMTP server and how to speak to it. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** Whether TLS begins at once, rather than by STARTTLS (RFC 8314, RFC 3207). */
  readonly isImplicitTls: boolean;
  /** Whether nothing is sent without TLS. */
  readonly needsTls: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** What is wrong where mail cannot be sent, as far as its server or the system tells. */
export type MailProblem =
  | 'unknown_host'
  | 'no_connection'
  | 'no_answer'
  | 'tls'
  | 'sign_in'
  | 'sender'
  | 'recipient'
  | 'other';

/** RFC 5321, 4.5.3.1: 64 octets before the @, and 254 for the whole (RFC 3696, erratum 1690). */
const MOST_BYTES = 254;
const MOST_LOCAL_BYTES = 64;

/** Letters of every script, as RFC 6531 allows; no white space, control or bidirectional marks. */
const LETTERS = '\\p{L}\\p{M}\\p{N}';
const ATOM = `[${LETTERS}!#$%&'*+/=?^_\`{|}~\\-]+`;
const LOCAL = new RegExp(`^${ATOM}(\\.${ATOM})*$`, 'u');
const LABEL = `[${LETTERS}]([${LETTERS}\\-]*[${LETTERS}])?`;
const DOMAIN = new RegExp(`^(${LABEL}\\.)+[${LETTERS}\\-]{2,}$`, 'u');

/**
 * Whether a text is an address to which mail can be sent: the form that providers give out, without
 * quotes, comments and names of machines. Whether it exists, only mail can tell.
 */
export function isMailAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const domain = text.slice(at + 1);
  const bytes = new TextEncoder().encode(text).length;
  const localBytes = new TextEncoder().encode(local).length;
  if (at < 1 || bytes > MOST_BYTES || localBytes > MOST_LOCAL_BYTES) return false;
  return LOCAL.test(local) && DOMAIN.test(domain);
}

/** Text from people that becomes part of a mail: one line, without marks that hide or turn it. */
export function inMail(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}
