/** Sends mail by SMTP (RFC 5321). */
import type { Transporter } from 'nodemailer';
import type { MailAddress, SmtpServer } from '../../../core/mail.ts';

/** One mail, ready to be sent. */
export interface Mail {
  /** The same for every attempt, so that whoever gets it twice knows it (RFC 5322, 3.6.4). */
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Where one request ends mail of its kind (RFC 8058); undefined for mail that nobody can end. */
  readonly unsubscribeUrl: string | undefined;
}

/**
 * What became of a mail: `refused` for ever, `failed` for now, or the server was `unreachable` or
 * does not let us in, so that others need not be tried now.
 */
export type MailResult =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'refused' | 'failed' | 'unreachable'; readonly reason: string };

/** Whoever sends mail. */
export interface Mailer {
  send(mail: Mail): Promise<MailResult>;
  close(): void;
}

export interface MailSettings {
  readonly server: SmtpServer;
  readonly from: MailAddress;
}

const CONNECT_MS = 10_000;
/** The longest that one mail may take; below the time for which it is taken. */
export const MOST_SEND_MS = 40_000;
const CONNECTIONS = 2;

/** Mail through one SMTP server, with the connections kept for the next ones. */
export class SmtpMailer implements Mailer {
  readonly #settings: MailSettings;
  #transport: Promise<Transporter> | undefined;

  constructor(settings: MailSettings) {
    this.#settings = settings;
  }

  async send({ messageId, to, subject, text, unsubscribeUrl }: Mail): Promise<MailResult> {
    const { from } = this.#settings;
    this.#transport ??= this.#connect();
    try {
      const transport = await this.#transport;
      const signal = AbortSignal.timeout(MOST_SEND_MS);
      await transport.sendMail({
        messageId: `<${messageId}@${from.address.replace(/^.*@/, '')}>`,
        // Objects are not parsed, so that no address can name another one.
        from: { name: from.name, address: from.address },
        to: { name: '', address: to },
        subject,
        text,
        headers: {
          // No out-of-office replies (RFC 3834).
          'Auto-Submitted': 'auto-generated',
          ...(unsubscribeUrl === undefined ? {} : unsubscribeHeaders(unsubscribeUrl)),
        },
        disableFileAccess: true,
        disableUrlAccess: true,
        abortSignal: signal,
      } as object);
      return { outcome: 'sent' };
    } catch (error) {
      return failureOf(error as SmtpError);
    }
  }

  close(): void {
    void this.#transport?.then((transport) => transport.close()).catch(() => undefined);
    this.#transport = undefined;
  }

  async #connect(): Promise<Transporter> {
    const { host, port, isImplicitTls, needsTls, user, password } = this.#settings.server;
    // Loaded by the first mail.
    const { createTransport } = await import('nodemailer');
    return createTransport({
      host,
      port,
      secure: isImplicitTls,
      requireTLS: needsTls && !isImplicitTls,
      ignoreTLS: false,
      ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
      pool: true,
      maxConnections: CONNECTIONS,
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      dnsTimeout: CONNECT_MS,
      socketTimeout: MOST_SEND_MS / 2,
    });
  }
}

/** An error of nodemailer. */
interface SmtpError extends Error {
  readonly code?: string;
  /** What the server replied. */
  readonly responseCode?: number;
}

/** The server said something about this mail rather than about us. */
const ABOUT_THE_MAIL: readonly string[] = ['EENVELOPE', 'EMESSAGE'];

function failureOf({ code = '', responseCode = 0, message }: SmtpError): MailResult {
  const reason = responseCode === 0 && code !== '' ? `${code}: ${message}` : message;
  if (!ABOUT_THE_MAIL.includes(code)) return { outcome: 'unreachable', reason };
  // 5yz is for ever, 4yz for now (RFC 5321, 4.2.1). Without either, the address cannot be written.
  const isForEver = responseCode === 0 || responseCode >= 500;
  return { outcome: isForEver ? 'refused' : 'failed', reason };
}

function unsubscribeHeaders(url: string) {
  return {
    'List-Unsubscribe': `<${url}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  };
}
