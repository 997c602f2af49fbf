/** Raw requests that no HTTP client would send. */
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  /** The status of the first response; 0 without one. */
  readonly status: number;
  /** Everything received, headers and body. */
  readonly text: string;
  /** The body of the first response as JSON; undefined if it is none. */
  readonly json: unknown;
  readonly elapsedMs: number;
}

/** Opens a connection to a server. */
export function connectTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Sends bytes; resolves with everything received until the server closes the connection. */
export async function exchange(url: string, bytes: string | Buffer): Promise<RawAnswer> {
  const startedAtMs = performance.now();
  const socket = await connectTo(url);
  socket.write(bytes);
  const text = await textUntilClosed(socket);
  return { ...parsed(text), elapsedMs: performance.now() - startedAtMs };
}

/** As `exchange`, but with 20 ms between one byte and the next. */
export async function drip(url: string, bytes: string): Promise<RawAnswer> {
  const startedAtMs = performance.now();
  const socket = await connectTo(url);
  let sent = 0;
  const timer = setInterval(() => {
    socket.write(bytes.charAt(sent));
    sent += 1;
  }, 20);
  const text = await textUntilClosed(socket);
  clearInterval(timer);
  return { ...parsed(text), elapsedMs: performance.now() - startedAtMs };
}

/** Everything received on a connection from now until it is closed. */
export function textUntilClosed(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(text));
  });
}

/** The bytes of a request with `Connection: close`. */
export function written(
  method: string,
  path: string,
  headers: readonly string[] = [],
  body = '',
): string {
  const head = [`${method} ${path} HTTP/1.1`, 'Host: chit.test', 'Connection: close', ...headers];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

function parsed(text: string): Omit<RawAnswer, 'elapsedMs'> {
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  try {
    return { status, text, json: JSON.parse(body) };
  } catch {
    return { status, text, json: undefined };
  }
}
