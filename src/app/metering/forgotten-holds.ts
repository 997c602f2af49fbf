import type { Context } from '../context.ts';
import { recover } from './recover-holds.ts';

/** Longer than any request waits for a hold, or for the database to say that it has ended. */
const FORGOTTEN_AFTER_MS = 60_000;

/**
 * Ends holds of this server that it knows nothing of. There are none, unless the database lost what
 * it had told: an asynchronous standby took over that did not have the end of them yet, or an old
 * backup was put back under a running server. Nobody else would end them as long as this server
 * renews its lease.
 */
export class ForgottenHolds {
  readonly #context: Context;
  /** Since when each was seen open without a generation here. */
  #sinceMs = new Map<string, number>();

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * To be called again and again; ends what it has seen for a minute.
   * @param nowMs of the monotonic clock
   * @returns how many were ended
   */
  async end(nowMs = performance.now()): Promise<number> {
    const { holds, lease, generations } = this.#context;
    const sinceMs = new Map<string, number>();
    let ended = 0;
    for (const hold of await holds.ofLease(lease.id)) {
      const { generationId } = hold;
      if (generations.find(generationId)) continue;
      const since = this.#sinceMs.get(generationId) ?? nowMs;
      sinceMs.set(generationId, since);
      if (nowMs - since < FORGOTTEN_AFTER_MS) continue;
      await recover(this.#context, hold);
      ended += 1;
    }
    this.#sinceMs = sinceMs;
    return ended;
  }
}
