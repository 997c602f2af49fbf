/** A client of a proxy, over HTTP/2 or HTTP/1.1, which sees when each piece arrives. */
import { connect } from 'node:http2';
import { request } from 'node:https';

export const HOST = 'chat.example.org';
/** The certificate is the test's own. */
const TLS = { rejectUnauthorized: false, servername: HOST } as const;

export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** The address that the request comes from; only over HTTP/1.1. */
  readonly from?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly pieces: readonly { readonly text: string; readonly atMs: number }[];
}

/** Asks over HTTP/1.1, on a connection of its own. */
export function askByHttp1(port: number, asked: Asked): Promise<Answered> {
  const { method = 'GET', path, headers = {}, body, from } = asked;
  return new Promise((resolve, reject) => {
    const place = { host: '127.0.0.1', port, path, method, agent: false };
    const outgoing = request(
      {
        ...place,
        ...TLS,
        headers: { host: HOST, ...headers },
        ...(from && { localAddress: from }),
      },
      (incoming) => {
        const pieces: { text: string; atMs: number }[] = [];
        incoming.on('data', (it: Buffer) => pieces.push({ text: it.toString(), atMs: Date.now() }));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = pieces.map((it) => it.text).join('');
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, pieces });
        });
      },
    );
    outgoing.on('error', reject);
    if (body !== undefined) outgoing.setHeader('content-length', Buffer.byteLength(body));
    outgoing.end(body);
  });
}

/** Asks over HTTP/2, on a connection of its own. */
export function askByHttp2(port: number, asked: Asked): Promise<Answered> {
  const { method = 'GET', path, headers = {}, body } = asked;
  // In megabytes: the largest bodies are sent in one piece.
  const session = connect(`https://127.0.0.1:${port}`, { ...TLS, maxSessionMemory: 200 });
  return new Promise<Answered>((resolve, reject) => {
    session.on('error', reject);
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const names = { ':method': method, ':path': path, ':authority': HOST };
    const stream = session.request({ ...names, ...headers, ...length });
    let answer: Pick<Answered, 'status' | 'headers'> = { status: 0, headers: {} };
    const pieces: { text: string; atMs: number }[] = [];
    stream.on('response', (it) => {
      answer = { status: Number(it[':status']), headers: it as Answered['headers'] };
    });
    stream.on('data', (it: Buffer) => pieces.push({ text: it.toString(), atMs: Date.now() }));
    // A server that has answered may refuse the rest of the body (RFC 9113, 8.1).
    stream.on('error', (error) => (answer.status === 0 ? reject(error) : undefined));
    stream.on('close', () => {
      if (answer.status === 0) reject(new Error('the stream was closed without an answer'));
      resolve({ ...answer, text: pieces.map((it) => it.text).join(''), pieces });
    });
    stream.end(body);
  }).finally(() => session.close());
}
