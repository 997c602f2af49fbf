import { Attempts } from '../../models/provider-client/attempts.ts';

/** Clients wait for at most a minute before they ask again. */
const REMEMBERED_MS = 120_000;
const MOST_TURNS = 10_000;

interface FailedTurn {
  readonly used: number;
  readonly atMs: number;
}

/**
 * How often providers were asked for turns that failed, so that a client that asks again by itself
 * does not make it more. The SDKs of OpenAI and Anthropic count their retries in the header
 * `x-stainless-retry-count`, 0 for the first request, and do not ask again after
 * `x-should-retry: false`. A request with the idempotency key of one that failed is a retry of it
 * as well. Of other clients nothing is known: each request is a turn of its own.
 */
export class ClientRetries {
  readonly #failed = new Map<string, FailedTurn>();
  readonly #nowMs: () => number;

  /** @param nowMs a clock that is never set back */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** The attempts that a retry of this turn has left. */
  attemptsOf(turn: string): Attempts {
    const failed = this.#failed.get(turn);
    const isRecent = failed !== undefined && this.#nowMs() - failed.atMs < REMEMBERED_MS;
    return new Attempts(isRecent ? failed.used : 0);
  }

  /** The turn has failed for now. */
  note(turn: string, { used }: Attempts): void {
    this.#failed.delete(turn);
    this.#failed.set(turn, { used, atMs: this.#nowMs() });
    for (const [oldest, { atMs }] of this.#failed) {
      if (this.#failed.size <= MOST_TURNS && this.#nowMs() - atMs < REMEMBERED_MS) return;
      this.#failed.delete(oldest);
    }
  }
}
