/** When users were last seen, collected in memory: a write per request would cost too much. */
export class LastSeenTracker {
  #seen = new Map<number, number>();

  note(userId: number, atMs: number): void {
    this.#seen.set(userId, atMs);
  }

  /** Returns what was collected, and starts over. */
  take(): ReadonlyMap<number, number> {
    const seen = this.#seen;
    this.#seen = new Map();
    return seen;
  }
}
