/** A server for mail that keeps what it is sent. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface MailServer {
  /** For `CHIT_SMTP_URL`. */
  readonly url: string;
  /** What was sent, oldest first. */
  readonly mails: ReceivedMail[];
  /** Waits for the next mail that nobody has taken yet. */
  next(): Promise<ReceivedMail>;
  stop(): Promise<void>;
}

export interface ReceivedMail extends Email {
  readonly recipients: readonly string[];
  /** As it arrived. */
  readonly raw: string;
}

/**
 * Starts a server on this machine.
 * @param refuse what is replied to a recipient; undefined to accept it
 */
export async function startMailServer(
  options: {
    readonly port?: number;
    readonly refuse?: (recipient: string) => { status: number; text: string } | undefined;
  } = {},
): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const waiting: ((mail: ReceivedMail) => void)[] = [];
  const untaken: ReceivedMail[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    // Connections are kept for the next mail.
    closeTimeout: 1,
    onRcptTo: ({ address }, _session, done) => {
      const refused = options.refuse?.(address);
      if (!refused) return done();
      done(Object.assign(new Error(refused.text), { responseCode: refused.status }));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        void PostalMime.parse(bytes).then((email) => {
          const mail = { ...email, recipients, raw: bytes.toString('latin1') };
          mails.push(mail);
          const taker = waiting.shift();
          if (taker) taker(mail);
          else untaken.push(mail);
          done();
        });
      });
    },
  });
  server.on('error', () => undefined);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    next: () =>
      new Promise((resolve) => {
        const mail = untaken.shift();
        if (mail) resolve(mail);
        else waiting.push(resolve);
      }),
    stop: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

/** The first link of a mail. */
export function linkIn({ text = '' }: Email): URL {
  const [link = ''] = /https?:\/\/\S+/.exec(text) ?? [];
  return new URL(link);
}
