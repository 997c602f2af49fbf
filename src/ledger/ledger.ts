import { setTimeout } from 'node:timers/promises';
import { ChitError, hasCode } from '../core/errors.ts';
import type { Account, AccountId, Command, Result, Results } from '../core/ledger.ts';
import { inBookingOrder } from '../core/ledger-order.ts';
import { storableCommand } from '../core/storable-text.ts';
import { BatchRefused, type LedgerEngine, OutcomeUnknown } from './engine.ts';

/** Commands per transaction, at most. Larger batches are not faster. */
const MAX_BATCH = 512;
/** Commands that can wait, at most. More means that the disk cannot keep up, so refuse. */
const MAX_WAITING = 20_000;
/** How long `submitUntilKnown` retries, and the delays between its attempts. */
const RETRY_FOR_MS = 30_000;
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 2_000;

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
   * @param command characters that no database can store are replaced (`storableText`)
   * @throws ChitError `ledger_unavailable` if it could not be written. `isOutcomeUnknown` says
   *   whether it may have been carried out, because the reply was lost.
   * @throws BatchRefused if the database rejected it permanently: a bug on our side
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
   * As `submit`, but retries while the ledger cannot be written. Commands are idempotent, so this
   * is safe even if an earlier attempt was carried out.
   * @param options `giveUp: 'never'` retries until the program ends
   * @throws ChitError `ledger_unavailable` after 30 seconds, or when the program ends
   */
  async submitUntilKnown<C extends Command>(
    command: C,
    options: { readonly giveUp: 'after a while' | 'never' } = { giveUp: 'after a while' },
  ): Promise<Results[C['kind']]> {
    const startedMs = performance.now();
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
      try {
        return await this.submit(command);
      } catch (error) {
        const isOver = options.giveUp !== 'never' && performance.now() - startedMs > RETRY_FOR_MS;
        const isClosing = this.#closing.signal.aborted;
        if (isOver || isClosing || !hasCode(error, 'ledger_unavailable')) throw error;
      }
      await setTimeout(delayMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    }
  }

  /**
   * The balance of an account; undefined if there is no such account.
   * @throws ChitError `ledger_unavailable`
   */
  async account(id: AccountId): Promise<Account | undefined> {
    try {
      return await this.#engine.account(id);
    } catch (cause) {
      throw new ChitError('ledger_unavailable', { isOutcomeUnknown: false }, { cause });
    }
  }

  /** Stops retrying, and resolves when nothing is being written any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // Wait one turn of the event loop, so that requests that have already arrived join the batch.
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
   * A batch that the database refuses is split in halves and sent again, until the command at fault
   * is alone: one bad command must not fail those of others.
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
