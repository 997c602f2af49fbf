import type { Context } from '../context.ts';

/** Nobody writes more often than this by asking. */
const REMEMBERED_MS = 200;

/** Whether bookings get through, by the way that they take. */
export class Readiness {
  readonly #check: () => Promise<void>;
  readonly #nowMs: () => number;
  #checking: Promise<void> | undefined;
  #readyUntilMs = 0;

  /** @param nowMs a clock that is never set back */
  constructor({ ledger }: Pick<Context, 'ledger'>, nowMs: () => number = () => performance.now()) {
    this.#check = () => ledger.check();
    this.#nowMs = nowMs;
  }

  /**
   * Writes to the ledger's database, as a booking would, and resolves if that succeeded. Whoever
   * asks meanwhile or shortly after gets the same answer.
   * @throws ChitError `ledger_unavailable` within seconds if not
   */
  check(): Promise<void> {
    if (this.#nowMs() < this.#readyUntilMs) return Promise.resolve();
    this.#checking ??= this.#check()
      .then(() => {
        this.#readyUntilMs = this.#nowMs() + REMEMBERED_MS;
      })
      .finally(() => {
        this.#checking = undefined;
      });
    return this.#checking;
  }
}
