import { ChitError } from '../../../core/errors.ts';

/** Lets so many through at once; the others wait, first come first served. */
export class Turnstile {
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /** @param mostWaiting whoever comes when so many wait is turned away */
  constructor(atOnce: number, mostWaiting: number) {
    this.#free = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** @throws ChitError `overloaded`; what the task throws */
  async pass<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn();
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#mostWaiting) throw new ChitError('overloaded', undefined);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
