/**
 * Work that holds up the event loop, one piece at a time. After each there is a pause as long as it
 * took, so that however much of it comes at once, others have half of the time.
 */
export class InTurns {
  #lastPause: Promise<void> = Promise.resolve();

  /**
   * Does the work when it is its turn.
   * @returns what the work returns
   * @throws what the work throws
   */
  do<T>(work: () => T): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const turn = this.#lastPause;
    this.#lastPause = promise;
    return turn.then(() => {
      const startedMs = performance.now();
      try {
        return work();
      } finally {
        // At least a whole turn of the loop, in which what has arrived meanwhile is read.
        setTimeout(() => setImmediate(resolve), performance.now() - startedMs);
      }
    });
  }
}
