import type { Ledger } from '../../ledger/ledger.ts';

/** What was delivered is in the journal no later than this, or when this much has gathered. */
const JOURNAL_EVERY_MS = 500;
const JOURNAL_EVERY_CHARACTERS = 2_048;

/**
 * Writes what is delivered of one reply to the ledger's journal, from which another server charges
 * and stores it if this one dies. A reply that is over sooner is never journaled.
 */
export class Journal {
  readonly #ledger: Ledger;
  readonly #generation: { readonly generationId: string; readonly accountId: number };
  #text = '';
  #nonReplyOutput = '';
  #pieces = 0;
  #timer: NodeJS.Timeout | undefined;
  /** True once another server has ended the hold, because ours seemed dead. */
  isHoldEnded = false;

  constructor(
    ledger: Ledger,
    generation: { readonly generationId: string; readonly accountId: number },
  ) {
    this.#ledger = ledger;
    this.#generation = generation;
  }

  /** Adds what was delivered: text, or what was written besides. */
  add(text: string, nonReplyOutput: string): void {
    this.#text += text;
    this.#nonReplyOutput += nonReplyOutput;
    if (this.#text.length + this.#nonReplyOutput.length >= JOURNAL_EVERY_CHARACTERS) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), JOURNAL_EVERY_MS);
  }

  /** Stops writing: the reply is over, and what is missing here will be in its settling. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const said = { piece: this.#pieces, text: this.#text, nonReplyOutput: this.#nonReplyOutput };
    this.#text = '';
    this.#nonReplyOutput = '';
    this.#pieces += 1;
    const command = { kind: 'journal', ...this.#generation, ...said } as const;
    // A piece that could not be written is tried for a while; the reply does not wait for it.
    this.#ledger.submitUntilKnown(command).then(
      ({ outcome }) => {
        if (outcome === 'hold_ended') this.isHoldEnded = true;
      },
      () => undefined,
    );
  }
}
