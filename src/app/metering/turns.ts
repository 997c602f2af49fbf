/**
 * Requests that wait for their turn: the account and the budgets could pay for them, but what they
 * need is held by others that are running. Turns are in the order of arrival, per purse, and per
 * server.
 */
import type { Payer } from '../../core/ledger.ts';

/** Other servers end generations too, and do not tell. */
const ASK_AGAIN_MS = 500;

/** Who spends: a request needs room in the account that pays, and in the budgets that apply. */
export interface Spender {
  /** The personal account of the user who asks. */
  readonly accountId: number;
  readonly apiKeyId: string | undefined;
  /** The accounts that may pay, if not only the personal one. */
  readonly payers?: readonly Payer[] | undefined;
}

/** What has no room for a request until others have ended: an account, a key, a user's budgets. */
export type Purse = string;

/** What an account has. */
export function accountPurse(accountId: number): Purse {
  return `account ${accountId}`;
}

/** What the budget of an API key has. */
export function keyPurse(apiKeyId: string): Purse {
  return `key ${apiKeyId}`;
}

/** What the budgets of a user have. */
export function userPurse(accountId: number): Purse {
  return `user ${accountId}`;
}

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

/** The queues of requests that wait, one for each purse. */
export class Turns {
  readonly #queues = new Map<string, Place[]>();
  readonly #nowMs: () => number;

  /** @param nowMs a clock that is never set back */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** How many requests wait. */
  get waiting(): number {
    let count = 0;
    for (const queue of this.#queues.values()) count += queue.length;
    return count;
  }

  /** What others wait for that this one needs as well; undefined if nobody waits. */
  waitedFor(spender: Spender): Purse | undefined {
    if (this.#queues.size === 0) return undefined;
    return pursesOf(spender).find((purse) => this.#queues.has(purse));
  }

  /** To be called when a generation has ended, so that its credits are free. */
  ended(spender: Spender): void {
    if (this.#queues.size === 0) return;
    for (const purse of pursesOf(spender)) this.#queues.get(purse)?.[0]?.wake();
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
    purse: Purse,
    attempt: () => Promise<T | undefined>,
    limits: { readonly untilMs: number; readonly stop: AbortSignal | undefined },
  ): Promise<T | undefined> {
    const queue = this.#queues.get(purse) ?? [];
    this.#queues.set(purse, queue);
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
      if (queue.length === 0) this.#queues.delete(purse);
      else queue[0]?.wake();
    }
  }

  /** When a wait that begins now ends at the latest. */
  untilMs(waitMs: number): number {
    return this.#nowMs() + waitMs;
  }
}

function pursesOf({ accountId, apiKeyId, payers }: Spender): Purse[] {
  const accounts = payers
    ? payers.map((it) => accountPurse(it.accountId))
    : [accountPurse(accountId)];
  const keys = apiKeyId === undefined ? [] : [keyPurse(apiKeyId)];
  return [...accounts, ...keys, userPurse(accountId)];
}
