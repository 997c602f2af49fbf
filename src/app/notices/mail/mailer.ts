/** Sends mail by SMTP (RFC 5321). */
import type { Transporter } from 'nodemailer';
import type { MailAddress, MailProblem, SmtpServer } from '../../../core/mail.ts';
import type { MailLanguage } from '../../../core/notices.ts';

/** One mail, ready to be sent. */
export interface Mail {
  /** The same for every attempt, so that whoever gets it twice knows it (RFC 5322, 3.6.4). */
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly language: MailLanguage;
  /** Where one request ends mail of its kind (RFC 8058); undefined for mail that nobody can end. */
  readonly unsubscribeUrl: string | undefined;
}

/**
 * What became of a mail: `refused` for ever, `failed` for now, or the server was `unreachable` or
 * does not let us in, so that others need not be tried now.
 */
export type MailResult =
  | { readonly outcome: 'sent'; readonly answer: string }
  | {
      readonly outcome: 'refused' | 'failed' | 'unreachable';
      /** What the server said, or the system. */
      readonly reason: string;
      readonly problem: MailProblem;
    };

/** Whoever sends mail. */
export interface Mailer {
  send(mail: Mail): Promise<MailResult>;
  close(): void;
}

export interface MailSettings {
  readonly server: SmtpServer;
  readonly from: MailAddress;
  /** Where answers go, if not to whom it is from. */
  readonly replyTo: string | undefined;
}

const CONNECT_MS = 10_000;
/** The longest that one mail may take; below the time for which it is taken. */
export const MOST_SEND_MS = 40_000;
export const CONNECTIONS = 2;

/** Mail through one SMTP server, with the connections kept for the next ones. */
export class SmtpMailer implements Mailer {
  readonly #settings: MailSettings;
  #transport: Promise<Transporter> | undefined;

  constructor(settings: MailSettings) {
    this.#settings = settings;
  }

  async send(mail: Mail): Promise<MailResult> {
    const { messageId, to, subject, text, language, unsubscribeUrl } = mail;
    const { from, replyTo } = this.#settings;
    this.#transport ??= this.#connect();
    try {
      const transport = await this.#transport;
      const signal = AbortSignal.timeout(MOST_SEND_MS);
      const info = await transport.sendMail({
        messageId: `<${messageId}@${from.address.replace(/^.*@/, '')}>`,
        // Objects are not parsed, so that no address can name another one.
        from: { name: from.name, address: from.address },
        to: { name: '', address: to },
        ...(replyTo === undefined ? {} : { replyTo: { name: '', address: replyTo } }),
        subject,
        text,
        headers: {
          // No out-of-office replies (RFC 3834).
          'Auto-Submitted': 'auto-generated',
          // RFC 3282.
          'Content-Language': language,
          ...(unsubscribeUrl === undefined ? {} : unsubscribeHeaders(unsubscribeUrl)),
        },
        disableFileAccess: true,
        disableUrlAccess: true,
        abortSignal: signal,
      } as object);
      return { outcome: 'sent', answer: (info as { response?: string }).response ?? '' };
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
  /** What it replied to. */
  readonly command?: string;
}

/** The server said something about this mail rather than about us. */
const ABOUT_THE_MAIL: readonly string[] = ['EENVELOPE', 'EMESSAGE'];

/** It takes nothing more now, whatever it was asked (RFC 5321, 4.2.3). */
const CLOSING = 421;

function failureOf(error: SmtpError): MailResult {
  const { code = '', responseCode = 0, message } = error;
  const reason = responseCode === 0 && code !== '' ? `${code}: ${message}` : message;
  const problem = problemOf(error);
  const isAboutTheMail = ABOUT_THE_MAIL.includes(code) && responseCode !== CLOSING;
  if (!isAboutTheMail) return { outcome: 'unreachable', reason, problem };
  // 5yz is for ever, 4yz for now (RFC 5321, 4.2.1). Without either, the address cannot be written.
  const isForEver = responseCode === 0 || responseCode >= 500;
  return { outcome: isForEver ? 'refused' : 'failed', reason, problem };
}

const PROBLEMS: Readonly<Record<string, MailProblem>> = {
  EDNS: 'unknown_host',
  ETIMEDOUT: 'no_answer',
  EABORT: 'no_answer',
  ECONNECTION: 'no_connection',
  ESOCKET: 'no_connection',
  ETLS: 'tls',
  EAUTH: 'sign_in',
  ENOAUTH: 'sign_in',
};

function problemOf({ code = '', command = '', message, cause }: SmtpError): MailProblem {
  const isOfTls = /certificate|self.signed|SSL|TLS|ERR_TLS/i.test(`${message} ${cause ?? ''}`);
  if (PROBLEMS[code] === 'no_connection' && isOfTls) return 'tls';
  if (PROBLEMS[code]) return PROBLEMS[code];
  if (/^MAIL FROM/.test(command)) return 'sender';
  if (/^RCPT TO/.test(command)) return 'recipient';
  return 'other';
}

function unsubscribeHeaders(url: string) {
  return {
    'List-Unsubscribe': `<${url}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  };
}
