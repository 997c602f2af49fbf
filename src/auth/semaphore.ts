import { ChitError } from '../core/errors.ts';

/** A longer queue would make everybody wait for minutes. */
const MAX_WAITING = 1_000;

/** Limits how many tasks run at once; others wait in order of arrival. */
export class Semaphore {
  readonly #permits: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(permits: number) {
    this.#permits = permits;
  }

  /** @throws ChitError `overloaded` if too many are waiting */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#waiting.length >= MAX_WAITING) throw new ChitError('overloaded', undefined);
    if (this.#running < this.#permits) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
