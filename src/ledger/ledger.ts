import { ChitError, hasCode } from '../core/errors.ts';
import type { Account, AccountId, Command, Result, Results } from '../core/ledger.ts';
import { inBookingOrder } from '../core/ledger-order.ts';
import { storableCommand } from '../core/storable-text.ts';
import { BatchRefused, type LedgerEngine, OutcomeUnknown } from './engine.ts';

/** Commands in one transaction, at most. Beyond this a larger batch gains nothing. */
const MAX_BATCH = 512;
/** Commands that may wait. More means that the disk cannot keep up: refuse, not pile up. */
const MAX_WAITING = 20_000;
/** How long a command that must be carried out is tried again, and how soon. */
const PATIENCE_MS = 30_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

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
  readonly #closing = new AbortController();
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(engine: LedgerEngine) {
    this.#engine = engine;
  }

  /**
   * Carries out one command and resolves when its result is durable.
   * @param command words in it that no database can store are kept as `storableText` has them
   * @throws ChitError `ledger_unavailable` if it could not be written. `isOutcomeUnknown` says
   *   whether it may have been carried out all the same, its answer having been lost.
   * @throws BatchRefused if the database will not have it, now or later: a mistake of ours
   */
  submit<C extends Command>(command: C): Promise<Results[C['kind']]> {
    if (this.#waiting.length >= MAX_WAITING) {
      const isOutcomeUnknown = false;
      return Promise.reject(new ChitError('ledger_unavailable', { isOutcomeUnknown }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        command: storableCommand(command),
        reject,
        resolve: resolve as (result: Result) => void,
      });
      this.#running ??= this.#run();
    });
  }

  /**
   * As `submit`, but tries again while the book cannot be written. Carrying a command out twice
   * changes nothing, so this is safe also when it is not known whether it was carried out.
   * @param options `giveUp: 'never'` tries until the program ends
   * @throws ChitError `ledger_unavailable` when patience or the program is at its end
   */
  async submitUntilKnown<C extends Command>(
    command: C,
    options: { readonly giveUp: 'after a while' | 'never' } = { giveUp: 'after a while' },
  ): Promise<Results[C['kind']]> {
    const startedMs = performance.now();
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await this.submit(command);
      } catch (error) {
        const isOver = options.giveUp !== 'never' && performance.now() - startedMs > PATIENCE_MS;
        const isClosing = this.#closing.signal.aborted;
        if (isOver || isClosing || !hasCode(error, 'ledger_unavailable')) throw error;
      }
      await pause(pauseMs, this.#closing.signal);
    }
  }

  /**
   * What an account has, or undefined if there is none.
   * @throws ChitError `ledger_unavailable`
   */
  async account(id: AccountId): Promise<Account | undefined> {
    try {
      return await this.#engine.account(id);
    } catch (cause) {
      throw new ChitError('ledger_unavailable', { isOutcomeUnknown: false }, { cause });
    }
  }

  /** Gives up what could not be written so far, and resolves once nothing is being written. */
  async close(): Promise<void> {
    this.#closing.abort();
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

  async #applyBatch(batch: Waiting[]): Promise<void> {
    batch.sort((a, b) => inBookingOrder(a.command, b.command));
    await this.#applyOrdered(batch);
  }

  /**
   * What the database refuses is carried out again by halves, until the command that is to blame
   * is alone: nobody shall be refused for what somebody else sent.
   */
  async #applyOrdered(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#engine.apply(batch.map(({ command }) => command));
      batch.forEach(({ resolve }, index) => {
        resolve(results[index] as Result);
      });
    } catch (cause) {
      if (cause instanceof BatchRefused && batch.length > 1) {
        const half = Math.ceil(batch.length / 2);
        await this.#applyOrdered(batch.slice(0, half));
        await this.#applyOrdered(batch.slice(half));
        return;
      }
      const error = cause instanceof BatchRefused ? cause : unavailable(cause);
      for (const { reject } of batch) reject(error);
    }
  }
}

function unavailable(cause: unknown): ChitError {
  const isOutcomeUnknown = cause instanceof OutcomeUnknown;
  return new ChitError('ledger_unavailable', { isOutcomeUnknown }, { cause });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
