import { joinedOutput } from '../../core/journaled-output.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { RunningGeneration } from './generation-registry.ts';

/** A delivered piece is journaled after this time, or once this much text has accumulated. */
const JOURNAL_EVERY_MS = 500;
const JOURNAL_EVERY_CHARACTERS = 2_048;

/**
 * Writes what is delivered of one reply to the ledger's journal, so that another server can charge
 * and store it if this one dies. A reply that ends before the first write is never journaled.
 */
export class Journal {
  readonly #ledger: Ledger;
  readonly #generation: RunningGeneration;
  #text = '';
  #nonReplyOutput = '';
  #toolOutput = '';
  #pieces = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param generation is stopped if another server has ended its hold */
  constructor(ledger: Ledger, generation: RunningGeneration) {
    this.#ledger = ledger;
    this.#generation = generation;
  }

  /** Adds what was delivered: text of the reply, or output that is not part of it. */
  add(text: string, nonReplyOutput: string): void {
    this.#text += text;
    this.#nonReplyOutput += nonReplyOutput;
    this.#writeSoon();
  }

  /** Adds what the model asks of tools. */
  addToolOutput(toolOutput: string): void {
    this.#toolOutput += toolOutput;
    this.#writeSoon();
  }

  #writeSoon(): void {
    const length = this.#text.length + this.#nonReplyOutput.length + this.#toolOutput.length;
    if (length >= JOURNAL_EVERY_CHARACTERS) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), JOURNAL_EVERY_MS);
  }

  /** Stops writing: the reply has ended, and the settle command will contain all of it. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const command = {
      kind: 'journal',
      generationId: this.#generation.id,
      accountId: this.#generation.accountId,
      piece: this.#pieces,
      text: this.#text,
      nonReplyOutput: joinedOutput({
        nonReplyOutput: this.#nonReplyOutput,
        toolOutput: this.#toolOutput,
      }),
    } as const;
    this.#text = '';
    this.#nonReplyOutput = '';
    this.#toolOutput = '';
    this.#pieces += 1;
    // The ledger retries for a while; the reply does not wait for it.
    this.#ledger.submitUntilKnown(command).then(
      ({ outcome }) => {
        if (outcome === 'hold_ended') this.#generation.stop('server_lost');
      },
      () => undefined,
    );
  }
}
