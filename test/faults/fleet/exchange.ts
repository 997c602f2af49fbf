/** One HTTP exchange, as far as its client got: nothing here rejects. */
import { type IncomingMessage, request } from 'node:http';

/** What a client received until the response ended or the connection broke. */
export interface Received {
  /** 0 if no status line came. */
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** When each part of the body came, and how long the body then was. */
  readonly arrivals: readonly { readonly atMs: number; readonly length: number }[];
  /** Whether the response came to its end. */
  readonly isWhole: boolean;
  readonly startedMs: number;
  readonly endedMs: number;
}

export interface Asked {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The client disconnects after this time. */
  readonly leavesAfterMs?: number | undefined;
}

/** A client gives up if nothing comes for so long. */
const PATIENCE_MS = 12_000;

/** Sends a request on a connection of its own. */
export function exchange(url: string, asked: Asked): Promise<Received> {
  const { method = 'POST', headers, body, leavesAfterMs } = asked;
  const startedMs = Date.now();
  let text = '';
  const arrivals: { atMs: number; length: number }[] = [];
  let incoming: IncomingMessage | undefined;
  return new Promise((resolve) => {
    const json = body === undefined ? undefined : JSON.stringify(body);
    const all = json === undefined ? headers : { ...headers, 'content-type': 'application/json' };
    const outgoing = request(url, { method, agent: false, headers: all });
    const leave = () => outgoing.destroy();
    const timer = leavesAfterMs === undefined ? undefined : setTimeout(leave, leavesAfterMs);
    const end = () => {
      clearTimeout(timer);
      resolve({
        status: incoming?.statusCode ?? 0,
        headers: incoming?.headers ?? {},
        body: text,
        arrivals,
        isWhole: incoming?.complete ?? false,
        startedMs,
        endedMs: Date.now(),
      });
    };
    outgoing.setTimeout(PATIENCE_MS, leave);
    outgoing.on('error', end);
    outgoing.on('close', end);
    outgoing.on('response', (response) => {
      incoming = response;
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        arrivals.push({ atMs: Date.now(), length: text.length });
      });
      response.on('error', end);
      response.on('end', end);
    });
    outgoing.end(json);
  });
}
