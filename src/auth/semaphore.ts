import { ChitError } from '../core/errors.ts';

/** More than this would wait for minutes, and whoever comes meanwhile too. */
const MAX_WAITING = 1_000;

/** Lets a number of tasks run at once; the others wait in the order in which they came. */
export class Semaphore {
  readonly #places: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(places: number) {
    this.#places = places;
  }

  /** @throws ChitError `overloaded` if too many wait already */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#waiting.length >= MAX_WAITING) throw new ChitError('overloaded', undefined);
    if (this.#running < this.#places) this.#running += 1;
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
