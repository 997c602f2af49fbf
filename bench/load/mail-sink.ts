/** A server for mail that takes everything, and notes when it came. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface MailSink {
  /** For `CHIT_SMTP_URL`. */
  readonly url: string;
  /** When each mail came, as `performance.now()` has it. */
  readonly times: readonly number[];
  /** The most connections at a time. */
  mostConnections(): number;
  /** Resolves with the time at which a mail came that has a text. */
  mailWith(text: string): Promise<number>;
  close(): Promise<void>;
}

/** Starts it on any free port. It answers each command at once (RFC 5321). */
export async function startMailSink(): Promise<MailSink> {
  const times: number[] = [];
  const waiting = new Map<string, (atMs: number) => void>();
  const sockets = new Set<Socket>();
  let most = 0;
  const take = (mail: string): void => {
    const atMs = performance.now();
    times.push(atMs);
    for (const [text, resolve] of waiting) if (mail.includes(text)) resolve(atMs);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    most = Math.max(most, sockets.size);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    speak(socket, take);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    times,
    mostConnections: () => most,
    mailWith: (text) => new Promise((resolve) => void waiting.set(text, resolve)),
    close: async () => {
      for (const it of sockets) it.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

const END = '\r\n.\r\n';

function speak(socket: Socket, take: (mail: string) => void): void {
  let text = '';
  let isMail = false;
  socket.write('220 sink\r\n');
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    for (;;) {
      const end = text.indexOf(isMail ? END : '\r\n');
      if (end < 0) return;
      const said = text.slice(0, end);
      text = text.slice(end + (isMail ? END.length : 2));
      if (isMail) {
        isMail = false;
        take(said);
        socket.write('250 taken\r\n');
        continue;
      }
      isMail = said.toUpperCase() === 'DATA';
      socket.write(isMail ? '354 go on\r\n' : '250 sink\r\n');
    }
  });
}
