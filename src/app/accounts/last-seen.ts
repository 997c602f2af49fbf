/** When users were seen last, gathered in memory: a write for each request would cost too much. */
/** Who was seen since it was written down last. */
export class LastSeenTracker {
  #seen = new Map<number, number>();

  note(userId: number, atMs: number): void {
    this.#seen.set(userId, atMs);
  }

  /** Hands over what was gathered. */
  take(): ReadonlyMap<number, number> {
    const seen = this.#seen;
    this.#seen = new Map();
    return seen;
  }
}
