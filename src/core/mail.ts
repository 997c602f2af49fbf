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

/** Text from people that becomes part of a mail: one line, without marks that hide or turn it. */
export function inMail(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}
