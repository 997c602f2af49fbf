/** Passes a large body to a connection without keeping it. */

const PIECE_BYTES = 1_048_576;

/**
 * Copies of a body's pieces: a part of a buffer would keep all of it in memory for as long as the
 * connection has it. A class, since it has to forget the body at its end: the client of the
 * connection keeps what it was given until the response is complete.
 */
export class BodyPieces implements IterableIterator<Buffer> {
  #parts: readonly Buffer[];
  #part = 0;
  #at = 0;

  constructor(parts: readonly Buffer[]) {
    this.#parts = parts.filter(({ length }) => length > 0);
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Buffer> {
    const part = this.#parts[this.#part];
    if (!part) {
      this.#parts = [];
      return { done: true, value: undefined };
    }
    const value = Buffer.from(part.subarray(this.#at, this.#at + PIECE_BYTES));
    this.#at += value.length;
    if (this.#at === part.length) {
      this.#part += 1;
      this.#at = 0;
    }
    return { done: false, value };
  }
}
