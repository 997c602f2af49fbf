import { type IncomingHttpHeaders, request } from 'node:http';

export interface Sent {
  readonly method?: string;
  readonly headers?: readonly (readonly [string, string])[] | Record<string, string>;
  readonly body?: string | Buffer | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined if it is none. */
  readonly json: unknown;
}

/** One request over real HTTP, with exactly the headers given and nothing added but the length. */
export function send(url: string, sent: Sent = {}): Promise<Answer> {
  const { method = 'GET', headers = [], body } = sent;
  const list = Array.isArray(headers) ? headers : Object.entries(headers);
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const { statusCode = 0, headers } = incoming;
        if (statusCode >= 400 && headers['chit-error'] === undefined) {
          reject(new Error(`${method} ${url}: ${statusCode} without Chit-Error: ${text}`));
        }
        resolve({ status: statusCode, headers, text, json: parsed(text) });
      });
    });
    outgoing.on('error', reject);
    for (const [name, value] of list) outgoing.setHeader(name, value);
    if (body !== undefined) outgoing.setHeader('content-length', Buffer.byteLength(body));
    outgoing.end(body);
  });
}

/** Posts JSON, signed in if a token is given. */
export function postJson(url: string, body: unknown, accessToken?: string): Promise<Answer> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (accessToken) headers.authorization = `Bearer ${accessToken}`;
  return send(url, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** Gets a path, signed in. */
export function getWith(url: string, accessToken: string): Promise<Answer> {
  return send(url, { headers: { authorization: `Bearer ${accessToken}` } });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
