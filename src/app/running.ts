/**
 * What models are writing in this process, by account: so that what is being written for somebody
 * who is let in no more can be ended, whoever asked for it and by which wire.
 */
/** How to end what runs. */
type Stop = () => void;

/** The generations of this process that could be stopped. */
export class Running {
  readonly #byAccount = new Map<number, Set<Stop>>();

  /** Accounts for which something is being written. */
  get accountIds(): number[] {
    return [...this.#byAccount.keys()];
  }

  /** @returns what must be called when it is over */
  begin(accountId: number, stop: Stop): () => void {
    const stops = this.#byAccount.get(accountId) ?? new Set();
    this.#byAccount.set(accountId, stops.add(stop));
    return () => {
      stops.delete(stop);
      if (stops.size === 0) this.#byAccount.delete(accountId);
    };
  }

  /** Ends everything of an account; what came of it is charged and kept. */
  stopAll(accountId: number): void {
    for (const stop of [...(this.#byAccount.get(accountId) ?? [])]) stop();
  }
}
