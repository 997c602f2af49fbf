import type { Ending } from '../../core/outcome.ts';
import { StorablePieces } from '../../core/storable-text.ts';
import type { Usage } from '../../core/usage.ts';
import type { Delta, Model } from '../../models/catalogue.ts';
import { ProviderFailure } from '../../models/provider-failure.ts';
import type { Journal } from './journal.ts';

/** What a model delivered until it ended, and why it ended. */
export interface Generated {
  /** As it can be stored. */
  readonly text: string;
  /** What it wrote besides the text, such as thoughts and arguments of tools. */
  readonly nonReplyOutput: string;
  readonly usage: Usage | undefined;
  readonly ending: Ending;
  /** Whether anything of it reached its reader, or the journal. */
  readonly isDelivered: boolean;
  /** What the provider threw, for the log. */
  readonly cause: unknown;
}

const FELL_SILENT = new Error('The model fell silent.');
const HOLD_ENDED = new Error('The hold was ended by another server.');
const STOPPED = new Error('The reply was stopped.');
const OVER = new Error('The reply is over.');

const ENDINGS = new Map<unknown, Ending>([
  [FELL_SILENT, 'timed_out'],
  [HOLD_ENDED, 'server_lost'],
  [STOPPED, 'stopped'],
]);

/**
 * Lets a model answer, journaling and passing on every piece, until it is done, fails, falls silent
 * or is stopped. Never rejects: what was delivered so far is always told.
 * @param ask begins the answer; aborts with the signal
 */
export async function generate(
  ask: (signal: AbortSignal) => AsyncIterable<Delta>,
  options: {
    readonly idleTimeoutMs: Model['idleTimeoutMs'];
    readonly journal: Journal;
    /** Aborts when the user wants no more. */
    readonly stop: AbortSignal | undefined;
    readonly deliver: ((delta: Delta) => void | Promise<void>) | undefined;
  },
): Promise<Generated> {
  const { idleTimeoutMs, journal, stop, deliver } = options;
  const abort = new AbortController();
  const patience = new AbortableWait();
  const giveUp = (reason: Error) => {
    patience.end(reason);
    abort.abort(reason);
  };
  const onStop = () => giveUp(STOPPED);
  stop?.addEventListener('abort', onStop, { once: true });
  if (stop?.aborted) onStop();
  let silence = setTimeout(giveUp, idleTimeoutMs, FELL_SILENT);

  const soFar = new SoFar(journal);
  let isFinished = false;
  const deltas = ask(abort.signal)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await patience.waitFor(deltas.next());
      if (next.done) break;
      silence.refresh();
      const delta = soFar.take(next.value);
      if (journal.isHoldEnded) giveUp(HOLD_ENDED);
      const caughtUp = deliver?.(delta);
      if (!caughtUp) continue;
      // A slow reader is no silent model.
      clearTimeout(silence);
      await patience.waitFor(caughtUp);
      silence = setTimeout(giveUp, idleTimeoutMs, FELL_SILENT);
    }
    isFinished = true;
    return { ...soFar.end(), ending: 'finished', cause: undefined };
  } catch (cause) {
    return { ...soFar.end(), ending: endingOf(cause), cause };
  } finally {
    clearTimeout(silence);
    stop?.removeEventListener('abort', onStop);
    if (!isFinished) {
      abort.abort(OVER);
      // Lets a generator that is still running clean up; what it says now is of no interest.
      deltas.return?.().catch(() => undefined);
    }
  }
}

/**
 * Waiting that can be given up: a model may not react to being aborted. A race of promises would do
 * the same, but one that lives as long as a reply gathers a reaction for each piece of it.
 */
class AbortableWait {
  #ended: Error | undefined;
  #reject: ((reason: Error) => void) | undefined;

  /** Resolves as the promise does, or rejects once patience is at its end. */
  waitFor<T>(promise: Promise<T>): Promise<T> {
    if (this.#ended) {
      promise.catch(() => undefined);
      return Promise.reject(this.#ended);
    }
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      promise.then(resolve, reject);
    });
  }

  end(reason: Error): void {
    this.#ended ??= reason;
    this.#reject?.(reason);
  }
}

function endingOf(cause: unknown): Ending {
  const isTimeout = cause instanceof ProviderFailure && cause.reason === 'timed_out';
  return isTimeout ? 'timed_out' : (ENDINGS.get(cause) ?? 'failed');
}

/** What was delivered so far. */
class SoFar {
  readonly #journal: Journal;
  readonly #texts = new StorablePieces();
  readonly #nonReplyOutputs = new StorablePieces();
  #text = '';
  #nonReplyOutput = '';
  #usage: Usage | undefined;
  #isDelivered = false;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /**
   * Takes in what came at once, and returns it with words as they are kept: a reader who comes back
   * counts the characters that it has of them.
   */
  take(delta: Delta): Delta {
    const text = this.#texts.add(delta.text ?? '');
    const nonReplyOutput = this.#nonReplyOutputs.add(delta.nonReplyOutput ?? '');
    if (text !== '' || nonReplyOutput !== '') {
      this.#text += text;
      this.#nonReplyOutput += nonReplyOutput;
      this.#isDelivered = true;
      this.#journal.add(text, nonReplyOutput);
    }
    if (delta.usage) this.#usage = delta.usage;
    if (delta.bytes) this.#isDelivered = true;
    const isAsItCame =
      text === (delta.text ?? '') && nonReplyOutput === (delta.nonReplyOutput ?? '');
    return isAsItCame ? delta : { ...delta, text, nonReplyOutput };
  }

  /** All of it, once no more comes. */
  end(): Omit<Generated, 'ending' | 'cause'> {
    const text = this.#text + this.#texts.end();
    const nonReplyOutput = this.#nonReplyOutput + this.#nonReplyOutputs.end();
    return { text, nonReplyOutput, usage: this.#usage, isDelivered: this.#isDelivered };
  }
}
