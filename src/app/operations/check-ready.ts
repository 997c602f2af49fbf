import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';

/** Nobody can make the server write more often than this by asking. */
const APART_MS = 200;

/** Whether bookings get through, by the way that they take. */
export class Readiness {
  readonly #check: () => Promise<void>;
  readonly #pause: (ms: number) => Promise<unknown>;
  #checking: Promise<void> | undefined;
  #checkedAtMs = Number.NEGATIVE_INFINITY;

  /** @param pause waits for so many milliseconds */
  constructor(
    { ledger }: Pick<Context, 'ledger'>,
    pause: (ms: number) => Promise<unknown> = sleep,
  ) {
    this.#check = () => ledger.check();
    this.#pause = pause;
  }

  /**
   * Writes to the ledger's database, as a booking would, and resolves if that succeeded. Whoever
   * asks before the answer is there gets the same one; the next probe waits for a moment.
   * @throws ChitError `ledger_unavailable` within seconds if not
   */
  check(): Promise<void> {
    this.#checking ??= this.#checkLater().finally(() => {
      this.#checking = undefined;
      this.#checkedAtMs = performance.now();
    });
    return this.#checking;
  }

  async #checkLater(): Promise<void> {
    const waitMs = this.#checkedAtMs + APART_MS - performance.now();
    if (waitMs > 0) await this.#pause(waitMs);
    await this.#check();
  }
}
