/**
 * How often one turn asks providers: retries, other endpoints and fallbacks of ours together, and
 * the retries of the client as far as they can be told.
 */

/** Requests to providers per turn, the first included. */
export const MAX_ATTEMPTS = 3;

/** The requests to providers of one turn. */
export class Attempts {
  #used: number;
  /** How many are kept for the fallbacks of the model that is asked now. */
  kept = 0;
  /** Set when nobody waits for an answer any more: nobody else is asked then. */
  isOver = false;

  /** @param used by earlier requests of the client for the same turn */
  constructor(used = 0) {
    this.#used = used;
  }

  get used(): number {
    return this.#used;
  }

  /** Whether nobody may be asked any more. */
  get areSpent(): boolean {
    return this.isOver || this.#used >= MAX_ATTEMPTS;
  }

  /** Whether the same model may be asked again. */
  get allowRetry(): boolean {
    return !this.isOver && this.#used + this.kept < MAX_ATTEMPTS;
  }

  /** Counts a request that is about to be sent. */
  count(): void {
    this.#used += 1;
  }
}
