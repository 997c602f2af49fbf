/**
 * One request to a provider over undici's dispatcher. undici's own `request` makes a stream of
 * Node's of every response, which costs more than all else that it does.
 * https://undici.nodejs.org/#/docs/api/Dispatcher, "Dispatcher.dispatch"
 */
import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';

/** So much of a response may wait for its reader; then the provider has to wait. */
const MOST_WAITING_BYTES = 65_536;

const NOT_WANTED = new Error('The rest of the response is not wanted.');

/** A response whose headers have arrived. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as it arrives; what is not read of it is given up with its connection. */
  readonly body: AsyncIterable<Buffer>;
}

/**
 * Sends a request.
 * @param signal aborts the request, and the reading of its response, with its reason
 * @returns the response once its headers have arrived, whatever its status
 * @throws undici's errors, or the signal's reason; so does reading the body
 */
export function exchange(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal,
): Promise<ResponseHead> {
  const one = new Exchange(options.body, signal);
  dispatcher.dispatch(options, one);
  return one.head;
}

class Exchange implements Dispatcher.DispatchHandler, AsyncIterableIterator<Buffer> {
  readonly #head = Promise.withResolvers<ResponseHead>();
  readonly #signal: AbortSignal;
  readonly #onAbort = () => this.#fail(this.#signal.reason as Error);
  #sent: unknown;
  #controller: Dispatcher.DispatchController | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #hasEnded = false;
  #failure: Error | undefined;
  #reader: PromiseWithResolvers<IteratorResult<Buffer>> | undefined;

  constructor(sent: unknown, signal: AbortSignal) {
    this.#sent = sent;
    this.#signal = signal;
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  get head(): Promise<ResponseHead> {
    return this.#head.promise;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure) controller.abort(this.#failure);
  }

  onResponseStart(_: unknown, status: number, headers: IncomingHttpHeaders): void {
    // 100 to 199 announce the response.
    if (status >= 200) this.#head.resolve({ status, headers, body: this });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#failure) return;
    if (this.#reader) {
      this.#answer({ done: false, value: chunk });
      return;
    }
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > MOST_WAITING_BYTES) controller.pause();
  }

  onResponseEnd(): void {
    this.#end();
    this.#answer({ done: true, value: undefined });
  }

  onResponseError(_: unknown, error: Error): void {
    if (!this.#failure) this.#fail(error);
  }

  /** All that has arrived, at once. What arrived before a failure is read before it is thrown. */
  next(): Promise<IteratorResult<Buffer>> {
    const [first, second] = this.#chunks;
    if (first) {
      const value = second ? Buffer.concat(this.#chunks, this.#bytes) : first;
      this.#chunks = [];
      this.#bytes = 0;
      if (!this.#hasEnded) this.#controller?.resume();
      return Promise.resolve({ done: false, value });
    }
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#hasEnded) return Promise.resolve({ done: true, value: undefined });
    this.#reader = Promise.withResolvers();
    return this.#reader.promise;
  }

  return(): Promise<IteratorResult<Buffer>> {
    if (!this.#hasEnded) this.#fail(NOT_WANTED);
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #answer(result: IteratorResult<Buffer>): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.resolve(result);
  }

  #fail(error: Error): void {
    if (this.#hasEnded) return;
    this.#failure = error;
    // Nobody waits for what came before an end that is ours.
    if (this.#signal.aborted) this.#chunks = [];
    const sent = this.#sent;
    this.#end();
    this.#controller?.abort(error);
    if (sent instanceof Readable) sent.on('error', () => undefined).destroy(error);
    this.#head.reject(error);
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.reject(error);
  }

  #end(): void {
    this.#hasEnded = true;
    this.#sent = undefined;
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
