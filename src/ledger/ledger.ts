import { ChitError } from '../core/errors.ts';
import type { Account, AccountId, Command, Result, Results } from '../core/ledger.ts';
import type { LedgerEngine, VerifyReport } from './engine.ts';

/** Commands in one transaction, at most. Beyond this a larger batch gains nothing. */
const MAX_BATCH = 512;
/** Commands that may wait. More means that the disk cannot keep up: refuse, not pile up. */
const MAX_WAITING = 20_000;

interface Waiting {
  readonly command: Command;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The ledger as the program sees it: one command in, one durable result out. Behind it, commands
 * that arrive while a batch is being written form the next batch, because an fsync costs far more
 * than a command.
 */
export class Ledger {
  readonly #engine: LedgerEngine;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(engine: LedgerEngine) {
    this.#engine = engine;
  }

  /**
   * Carries out one command and resolves when its result is durable.
   * @throws ChitError `ledger_unavailable` if it could not be written; then it was not carried out
   */
  submit<C extends Command>(command: C): Promise<Results[C['kind']]> {
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.reject(new ChitError('ledger_unavailable', undefined));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, resolve: resolve as (result: Result) => void, reject });
      this.#running ??= this.#run();
    });
  }

  /** What an account has, or undefined if there is none. */
  async account(id: AccountId): Promise<Account | undefined> {
    try {
      return await this.#engine.account(id);
    } catch (cause) {
      throw new ChitError('ledger_unavailable', undefined, { cause });
    }
  }

  /** Recomputes every account from its bookings. Reads everything: for the command line. */
  verify(): Promise<VerifyReport> {
    return this.#engine.verify();
  }

  /** Resolves once nothing waits to be written. */
  async drained(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // One turn of the event loop, so that every request that has already arrived gets to add its
    // command before the batch is closed.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      await this.#applyBatch(this.#waiting.splice(0, MAX_BATCH));
      if (this.#waiting.length > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    this.#running = undefined;
  }

  async #applyBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#engine.apply(batch.map(({ command }) => command));
      batch.forEach(({ resolve }, index) => {
        resolve(results[index] as Result);
      });
    } catch (cause) {
      const error = new ChitError('ledger_unavailable', undefined, { cause });
      for (const { reject } of batch) reject(error);
    }
  }
}
