/**
 * What models are writing in this process, by account: so that what is being written for somebody
 * who is let in no more can be ended, whoever asked for it and by which wire.
 */
import type { Context } from './context.ts';

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

/** Ends what runs for users who are let in no more, whoever shut them out. */
export async function stopShutOut({ running, users }: Context): Promise<void> {
  const ids = running.accountIds;
  if (ids.length === 0) return;
  for (const id of await users.shutOutAmong(ids)) running.stopAll(id);
}
