/**
 * Replies that are being written by this process, apart from whoever asked for them: readers come
 * and go, and each can have all that was written so far.
 */

/** A reply that is being written. */
export class Generation {
  readonly #readers = new Set<() => void>();
  #text = '';
  #isOver = false;

  /** All that was written so far. */
  get text(): string {
    return this.#text;
  }

  /** Whether its end is in the book. */
  get isOver(): boolean {
    return this.#isOver;
  }

  add(text: string): void {
    this.#text += text;
    this.#tellReaders();
  }

  end(): void {
    this.#isOver = true;
    this.#tellReaders();
  }

  /** Resolves when there is more than was read, when it is over, or when the reader is gone. */
  changed(readSoFar: number, gone: AbortSignal): Promise<void> {
    if (this.#text.length > readSoFar || this.#isOver || gone.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#readers.delete(wake);
        gone.removeEventListener('abort', wake);
        resolve();
      };
      this.#readers.add(wake);
      gone.addEventListener('abort', wake);
    });
  }

  #tellReaders(): void {
    for (const wake of this.#readers) wake();
  }
}

/** The generations of this process, by their ids. */
export class Generations {
  readonly #running = new Map<string, Generation>();
  #idle = Promise.withResolvers<void>();

  find(id: string): Generation | undefined {
    return this.#running.get(id);
  }

  begin(id: string, generation: Generation): void {
    if (this.#running.size === 0) this.#idle = Promise.withResolvers();
    this.#running.set(id, generation);
  }

  /** Must be called when the end of a generation is in the book, or cannot be written. */
  end(id: string): void {
    this.#running.get(id)?.end();
    this.#running.delete(id);
    if (this.#running.size === 0) this.#idle.resolve();
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    if (this.#running.size > 0) await this.#idle.promise;
  }
}
