/**
 * What models are writing in this process, so that it can be ended from outside of the request that
 * asked for it, whichever wire that came by.
 */
/** How to end what runs. */
type Stop = () => void;

/** The generations of this process that could be stopped. */
export class Running {
  readonly #byAccount = new Map<number, Map<string, Stop>>();

  /** Accounts for which something is being written. */
  get accountIds(): number[] {
    return [...this.#byAccount.keys()];
  }

  /** @returns what must be called when it is over */
  begin(accountId: number, generationId: string, stop: Stop): () => void {
    const stops = this.#byAccount.get(accountId) ?? new Map<string, Stop>();
    this.#byAccount.set(accountId, stops.set(generationId, stop));
    return () => {
      stops.delete(generationId);
      if (stops.size === 0) this.#byAccount.delete(accountId);
    };
  }

  /**
   * Ends a generation of an account; what came of it is charged and kept.
   * @returns whether this process was writing it
   */
  stop(accountId: number, generationId: string): boolean {
    const stop = this.#byAccount.get(accountId)?.get(generationId);
    stop?.();
    return stop !== undefined;
  }

  /** Ends these, as far as this process is writing them. */
  stopAmong(generationIds: readonly string[]): void {
    for (const accountId of this.accountIds) {
      for (const id of generationIds) this.stop(accountId, id);
    }
  }

  /** Ends everything of an account; what came of it is charged and kept. */
  stopAll(accountId: number): void {
    for (const stop of [...(this.#byAccount.get(accountId)?.values() ?? [])]) stop();
  }
}
