/**
 * Requests that wait for their turn: the account could pay for them, but what they need is held by
 * others that are running. Turns are in the order of arrival, per account and server.
 */

/** Other servers end generations too, and do not tell. */
const ASK_AGAIN_MS = 500;

/** Where somebody waits, and whether to try again at once. */
class Place {
  #isWoken = false;
  #wake: () => void = () => undefined;

  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Resolves when the place is woken, after a time, or when the signal aborts. */
  async sleep(afterMs: number, stop: AbortSignal | undefined): Promise<void> {
    if (!this.#isWoken && !stop?.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, afterMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
        stop?.addEventListener('abort', this.#wake, { once: true });
      });
      stop?.removeEventListener('abort', this.#wake);
    }
    this.#wake = () => undefined;
    this.#isWoken = false;
  }
}

/** The queues of requests that wait, one for each account. */
export class Turns {
  readonly #queues = new Map<number, Place[]>();

  /** Whether somebody waits for the credits of an account. */
  isWaitedFor(accountId: number): boolean {
    return this.#queues.has(accountId);
  }

  /** To be called when a generation of the account has ended, so that its credits are free. */
  ended(accountId: number): void {
    this.#queues.get(accountId)?.[0]?.wake();
  }

  /**
   * Waits at the end of the account's queue and tries whenever credits may have become free.
   * @param attempt resolves to undefined if it is still not the time
   * @param limits `waitMs` for how long it may wait; `stop` aborts when nobody waits any more
   * @returns what the attempt gave, or undefined if it was not the time until the end
   * @throws what the attempt throws
   */
  async wait<T>(
    accountId: number,
    attempt: () => Promise<T | undefined>,
    limits: { readonly waitMs: number; readonly stop: AbortSignal | undefined },
  ): Promise<T | undefined> {
    const queue = this.#queues.get(accountId) ?? [];
    this.#queues.set(accountId, queue);
    const place = new Place();
    queue.push(place);
    const untilMs = performance.now() + limits.waitMs;
    try {
      for (;;) {
        const isFirst = queue[0] === place;
        const result = isFirst ? await attempt() : undefined;
        if (result !== undefined) return result;
        const leftMs = untilMs - performance.now();
        if (leftMs <= 0 || limits.stop?.aborted) return undefined;
        await place.sleep(Math.min(leftMs, ASK_AGAIN_MS), limits.stop);
      }
    } finally {
      queue.splice(queue.indexOf(place), 1);
      if (queue.length === 0) this.#queues.delete(accountId);
      else queue[0]?.wake();
    }
  }
}
