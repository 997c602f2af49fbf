/** A client with keep-alive connections that sends hostile requests. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, Pool } from 'undici';
import type { HostileRequest } from './make-request.ts';

/** A request without an answer after this time hangs. */
export const MOST_MS = 30_000;
/** Node refuses longer heads, and may close the connection before they are all there. */
const LONG_HEAD_CHARACTERS = 12_000;
const BODY_LIMIT_BYTES = 1_048_576;

export interface Reply {
  /** 0 without a response. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly elapsedMs: number;
  /** Why there is no whole response: the client gave up, or the server closed or was silent. */
  readonly missing: 'cut' | 'closed' | 'hang' | undefined;
  /** What the client says about a missing response. */
  readonly problem: string;
}

/** Sends over so many connections. */
export class Client {
  readonly #pool: Pool;

  constructor(url: string, connections: number) {
    this.#pool = new Pool(url, {
      connections,
      pipelining: 1,
      headersTimeout: MOST_MS,
      bodyTimeout: MOST_MS,
    });
  }

  /** Sends a request; never rejects. */
  async send(request: HostileRequest): Promise<Reply> {
    const startedMs = performance.now();
    const gone = new AbortController();
    const { cutAfterMs } = request;
    const timer = cutAfterMs === undefined ? undefined : setTimeout(() => gone.abort(), cutAfterMs);
    let head: Dispatcher.ResponseData | undefined;
    try {
      head = await this.#pool.request({
        path: request.path,
        method: request.method as Dispatcher.HttpMethod,
        headers: request.headers,
        body: request.body ?? null,
        signal: gone.signal,
      });
      const text = await head.body.text();
      const { statusCode: status, headers } = head;
      const elapsedMs = performance.now() - startedMs;
      return { status, headers, text, elapsedMs, missing: undefined, problem: '' };
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      const isSilent = code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
      return {
        status: 0,
        headers: head?.headers ?? {},
        text: '',
        elapsedMs: performance.now() - startedMs,
        missing: gone.signal.aborted ? 'cut' : isSilent ? 'hang' : 'closed',
        problem: `${code} ${message}`,
      };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits a little for the connections to be idle, and closes them. */
  async close(): Promise<void> {
    await Promise.race([this.#pool.close(), sleep(MOST_MS, undefined, { ref: false })]);
    await this.#pool.destroy();
  }
}

/** Whether a server may close the connection on a request in place of an answer. */
export function mayBeClosedOn({ path, headers, body }: HostileRequest): boolean {
  const head = path.length + Object.values(headers).join('').length;
  return head > LONG_HEAD_CHARACTERS || (body?.length ?? 0) > BODY_LIMIT_BYTES;
}
