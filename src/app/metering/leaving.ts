import type { Delta } from '../../models/catalogue.ts';
import type { RunningGeneration } from './generation-registry.ts';

/** No more is read for a client that has left: 10 seconds of a fast provider are less. */
const MAX_READ_ON_BYTES = 33_554_432;

/**
 * Watches whether the client of a reply leaves. The model is then read on for a while for its
 * usage, since its provider bills what it has written by then: leaving early is no discount.
 */
export class Leaving {
  readonly #left: AbortSignal | undefined;
  readonly #generation: RunningGeneration;
  readonly #readOnMs: () => number;
  readonly #giveUp: () => void;
  readonly #onLeft = () => this.#leave();
  #timer: NodeJS.Timeout | undefined;
  #bytes = 0;
  #hasLeft = false;

  /** @param giveUp aborts the model; called at once if the client left before it was asked */
  constructor(
    options: {
      readonly left: AbortSignal | undefined;
      readonly generation: RunningGeneration;
      readonly readOnMs: () => number;
    },
    giveUp: () => void,
  ) {
    this.#left = options.left;
    this.#generation = options.generation;
    this.#readOnMs = options.readOnMs;
    this.#giveUp = giveUp;
    this.#left?.addEventListener('abort', this.#onLeft, { once: true });
    if (this.#left?.aborted) giveUp();
  }

  /** Whether the client has left, so that nothing may be delivered any more. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** Notes what was read on; a provider that sends without end is aborted. */
  read({ bytes, text = '', nonReplyOutput = '' }: Delta): void {
    this.#bytes += bytes?.length ?? text.length + nonReplyOutput.length;
    if (this.#bytes > MAX_READ_ON_BYTES) this.#giveUp();
  }

  /** Waits for a client to catch up; one that leaves meanwhile is not waited for. */
  async unlessLeft(caughtUp: Promise<void>): Promise<void> {
    try {
      await caughtUp;
    } catch (error) {
      if (!this.#hasLeft) throw error;
    }
  }

  /** To be called when the reply has ended. */
  close(): void {
    clearTimeout(this.#timer);
    this.#left?.removeEventListener('abort', this.#onLeft);
    this.#generation.isReadOn = false;
  }

  #leave(): void {
    const forMs = this.#readOnMs();
    if (forMs === 0) {
      this.#giveUp();
      return;
    }
    this.#hasLeft = true;
    this.#generation.isReadOn = true;
    this.#timer = setTimeout(this.#giveUp, forMs);
  }
}
