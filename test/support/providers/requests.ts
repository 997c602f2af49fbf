/** What an emulated provider remembers of the requests that it received. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** A received request. */
export interface RecordedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON; undefined if it is none. */
  readonly json: unknown;
  /** Chunks of the reply written so far. */
  chunksSent: number;
  /** Whether the client closed the connection before it had the whole answer. */
  isAborted: boolean;
  /** Resolves when the client does. */
  readonly aborted: Promise<void>;
  /** Resolves when the exchange is over, however it ended. */
  readonly ended: Promise<void>;
}

interface Ends {
  readonly abort: () => void;
  readonly end: () => void;
}

/** The requests of one emulated provider. */
export class RequestLog {
  readonly requests: RecordedRequest[] = [];
  readonly #remembers: boolean;
  readonly #ends = new WeakMap<RecordedRequest, Ends>();
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  /** Requests so far, recorded or not. */
  received = 0;

  constructor(remembers: boolean) {
    this.#remembers = remembers;
  }

  /** Reads a request to its end and hands it on; one that is broken off is only remembered. */
  receive(
    incoming: IncomingMessage,
    response: ServerResponse,
    handle: (request: RecordedRequest) => void,
  ): void {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('error', () => undefined);
    incoming.on('end', () => handle(this.#record(incoming, parts)));
    response.on('close', () => {
      if (incoming.complete) return;
      this.noteEnd(this.#record(incoming, parts), response, false);
    });
  }

  /** Notes that an exchange is over; `isCut` says that it was not the client who broke it off. */
  noteEnd(request: RecordedRequest, response: ServerResponse, isCut: boolean): void {
    const ends = this.#ends.get(request);
    if (!response.writableFinished && !isCut) {
      request.isAborted = true;
      ends?.abort();
    }
    ends?.end();
  }

  /** Resolves with all requests as soon as there are so many. */
  async waitFor(count: number): Promise<readonly RecordedRequest[]> {
    if (this.requests.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
    }
    return this.requests;
  }

  /** Clears the list. */
  clear(): void {
    this.requests.length = 0;
  }

  #record(incoming: IncomingMessage, parts: readonly Buffer[]): RecordedRequest {
    const [path = '', query = ''] = (incoming.url ?? '').split('?');
    const body = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    const aborted = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const request: RecordedRequest = {
      method: incoming.method ?? '',
      path,
      query,
      headers: incoming.headers,
      body,
      json: parsed(body),
      chunksSent: 0,
      isAborted: false,
      aborted: aborted.promise,
      ended: ended.promise,
    };
    this.#ends.set(request, { abort: aborted.resolve, end: ended.resolve });
    this.received += 1;
    if (this.#remembers) this.requests.push(request);
    this.#wakeWaiting();
    return request;
  }

  #wakeWaiting(): void {
    if (this.#waiting.length === 0) return;
    const isThere = ({ count }: { readonly count: number }) => this.requests.length >= count;
    for (const { resolve } of this.#waiting.filter(isThere)) resolve();
    this.#waiting = this.#waiting.filter((it) => !isThere(it));
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
