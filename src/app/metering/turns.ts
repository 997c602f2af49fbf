/**
 * Requests that wait for their turn: the account, or the budget of the API key, could pay for them,
 * but what they need is held by others that are running. Turns are in the order of arrival, per
 * account or budget, and per server.
 */

/** Other servers end generations too, and do not tell. */
const ASK_AGAIN_MS = 500;

/** Who spends: a request needs room in the account, and in the budget of its key if it has one. */
export interface Spender {
  readonly accountId: number;
  readonly apiKeyId: string | undefined;
}

/** What has no room for a request until others have ended. */
export type Purse = 'account' | 'key';

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

/** The queues of requests that wait, one for each account and for each key with a budget. */
export class Turns {
  readonly #queues = new Map<string, Place[]>();
  readonly #nowMs: () => number;

  /** @param nowMs a clock that is never set back */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** What others wait for that this one needs as well; undefined if nobody waits. */
  waitedFor(spender: Spender): Purse | undefined {
    if (this.#queues.has(queueOf(spender, 'account'))) return 'account';
    const { apiKeyId } = spender;
    return apiKeyId !== undefined && this.#queues.has(queueOf(spender, 'key')) ? 'key' : undefined;
  }

  /** To be called when a generation has ended, so that its credits are free. */
  ended(spender: Spender): void {
    this.#queues.get(queueOf(spender, 'account'))?.[0]?.wake();
    this.#queues.get(queueOf(spender, 'key'))?.[0]?.wake();
  }

  /**
   * Waits at the end of the queue for a purse and tries whenever credits may have become free.
   * @param attempt resolves to undefined if it is still not the time
   * @param limits `untilMs` for how long it may wait, by the clock; `stop` aborts when nobody waits
   *   any more
   * @returns what the attempt gave, or undefined if it was not the time until the end
   * @throws what the attempt throws
   */
  async wait<T>(
    spender: Spender,
    purse: Purse,
    attempt: () => Promise<T | undefined>,
    limits: { readonly untilMs: number; readonly stop: AbortSignal | undefined },
  ): Promise<T | undefined> {
    const name = queueOf(spender, purse);
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    const place = new Place();
    queue.push(place);
    try {
      for (;;) {
        const isFirst = queue[0] === place;
        const result = isFirst ? await attempt() : undefined;
        if (result !== undefined) return result;
        const leftMs = limits.untilMs - this.#nowMs();
        if (leftMs <= 0 || limits.stop?.aborted) return undefined;
        await place.sleep(Math.min(leftMs, ASK_AGAIN_MS), limits.stop);
      }
    } finally {
      queue.splice(queue.indexOf(place), 1);
      if (queue.length === 0) this.#queues.delete(name);
      else queue[0]?.wake();
    }
  }

  /** When a wait that begins now ends at the latest. */
  untilMs(waitMs: number): number {
    return this.#nowMs() + waitMs;
  }
}

function queueOf({ accountId, apiKeyId }: Spender, purse: Purse): string {
  return purse === 'account' ? `${accountId}` : `${accountId} ${apiKeyId}`;
}
