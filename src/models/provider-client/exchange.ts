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

/**
 * The body of a response as it arrives; what is not read of it is given up with its connection.
 * `next` and `take` both read: `take` needs no promise for each piece, of which there are many.
 */
export interface ResponseBody extends AsyncIterableIterator<Buffer> {
  /**
   * All that has arrived; undefined at the end, and if nothing has: then the function is called
   * once something has, or the body has ended.
   * @throws what ended the body too early, once all that came before has been read
   */
  take(onChange: () => void): Buffer | undefined;
  /** Whether the body has ended, and all of it was read. */
  readonly isRead: boolean;
}

/** A response whose headers have arrived. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: ResponseBody;
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

class Exchange implements Dispatcher.DispatchHandler, ResponseBody {
  readonly #head = Promise.withResolvers<ResponseHead>();
  readonly #signal: AbortSignal;
  readonly #onAbort = () => this.#fail(this.#signal.reason as Error);
  #sent: unknown;
  #controller: Dispatcher.DispatchController | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #hasEnded = false;
  #failure: Error | undefined;
  /** Who waits for more of the body. */
  #onChange: (() => void) | undefined;

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
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#changed();
    if (this.#bytes > MOST_WAITING_BYTES) controller.pause();
  }

  onResponseEnd(): void {
    this.#end();
    this.#changed();
  }

  onResponseError(_: unknown, error: Error): void {
    if (!this.#failure) this.#fail(error);
  }

  get isRead(): boolean {
    return this.#hasEnded && this.#bytes === 0;
  }

  take(onChange: () => void): Buffer | undefined {
    const [first, second] = this.#chunks;
    if (first) {
      const taken = second ? Buffer.concat(this.#chunks, this.#bytes) : first;
      this.#chunks = [];
      const hasPaused = this.#bytes > MOST_WAITING_BYTES;
      this.#bytes = 0;
      if (hasPaused && !this.#hasEnded) this.#controller?.resume();
      return taken;
    }
    if (this.#failure) throw this.#failure;
    if (!this.#hasEnded) this.#onChange = onChange;
    return undefined;
  }

  /** All that has arrived, at once. What arrived before a failure is read before it is thrown. */
  async next(): Promise<IteratorResult<Buffer>> {
    for (;;) {
      const changed = Promise.withResolvers<void>();
      const value = this.take(changed.resolve);
      if (value) return { done: false, value };
      if (this.#hasEnded) return { done: true, value: undefined };
      await changed.promise;
    }
  }

  return(): Promise<IteratorResult<Buffer>> {
    if (!this.#hasEnded) this.#fail(NOT_WANTED);
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #changed(): void {
    const onChange = this.#onChange;
    this.#onChange = undefined;
    onChange?.();
  }

  #fail(error: Error): void {
    if (this.#hasEnded) return;
    this.#failure = error;
    // Nobody waits for what came before an end that is ours.
    if (this.#signal.aborted) {
      this.#chunks = [];
      this.#bytes = 0;
    }
    const sent = this.#sent;
    this.#end();
    this.#controller?.abort(error);
    if (sent instanceof Readable) sent.on('error', () => undefined).destroy(error);
    this.#head.reject(error);
    this.#changed();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#sent = undefined;
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
