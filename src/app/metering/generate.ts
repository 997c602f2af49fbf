import type { Ending } from '../../core/outcome.ts';
import { StorablePieces, storableText } from '../../core/storable-text.ts';
import type { Usage } from '../../core/usage.ts';
import type { Delta, Model } from '../../models/catalogue.ts';
import type { Spread } from '../../models/input-measure/text-tokens.ts';
import { LimitPassed } from '../../models/limit-passed.ts';
import { ProviderFailure } from '../../models/provider-client/provider-failure.ts';
import type { RunningGeneration, StopReason } from './generation-registry.ts';
import type { Journal } from './journal.ts';
import type { Lease } from './lease.ts';
import { Leaving } from './leaving.ts';
import { OutputWatch } from './output-watch.ts';

/** What a model delivered until it ended, and why it ended. */
export interface Generated {
  /** The reply, as it can be stored. */
  readonly text: string;
  /** What the model asks of tools of the page; counted with what follows, and not kept with it. */
  readonly toolOutput: string;
  /** Output that is not part of the reply, such as reasoning and tool arguments. */
  readonly nonReplyOutput: string;
  /** How long the first word of the reply took, or all if none came, in milliseconds. */
  readonly thinkingMs: number;
  readonly usage: Usage | undefined;
  readonly ending: Ending;
  /** Why it was stopped; undefined if it was not. */
  readonly stopReason: StopReason | undefined;
  /** Whether the reader or the journal got any of it. */
  readonly isDelivered: boolean;
  /** What the provider threw, for the log. */
  readonly cause: unknown;
}

/** How long a model may take to end after it was aborted since it passed its limit. */
const END_AT_LIMIT_MS = 2_000;
const IDLE_TIMEOUT = new Error('The model sent nothing for too long.');
const ENDED = new Error('The reply has ended.');

/** The generation was stopped. */
class Stopped extends Error {
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(`The reply was stopped: ${reason}.`);
    this.reason = reason;
  }
}

/**
 * Runs a model, journaling and passing on every delta, until it finishes, fails, times out or is
 * stopped. Never rejects: it always returns what was delivered. While the lease is not certain
 * nothing is delivered, since another server may have ended the hold.
 * @param ask starts the model, and aborts it with the signal
 */
export async function generate(
  ask: (signal: AbortSignal) => AsyncIterable<Delta>,
  options: {
    readonly idleTimeoutMs: Model['idleTimeoutMs'];
    readonly journal: Journal;
    readonly lease: Pick<Lease, 'isCertain' | 'untilCertain'>;
    /** Collects the text of the reply; its signal stops the model. */
    readonly generation: RunningGeneration;
    /** The most output of a stream, which is cut if it surely is more; undefined if not known. */
    readonly limit: { readonly tokens: number; readonly spread: Spread } | undefined;
    /** Aborts when the client has left: from then on the model is only read for its usage. */
    readonly left: AbortSignal | undefined;
    /** For how long, in milliseconds, asked when it leaves; 0 to abort at once. */
    readonly readOnMs: () => number;
    readonly deliver: ((delta: Delta) => void | Promise<void>) | undefined;
    /** Called once, when the first output is delivered. */
    readonly onOutput?: (() => void) | undefined;
  },
): Promise<Generated> {
  const { idleTimeoutMs, journal, lease, generation, deliver } = options;
  const { signal } = generation;
  const abort = new AbortController();
  const wait = new AbortableWait();
  const giveUp = (reason: Error) => {
    wait.end(reason);
    abort.abort(reason);
  };
  const onStop = () => giveUp(new Stopped(signal.reason as StopReason));
  signal.addEventListener('abort', onStop, { once: true });
  if (signal.aborted) onStop();
  const leaving = new Leaving(options, () => giveUp(new Stopped('stopped')));
  let idleTimer = setTimeout(giveUp, idleTimeoutMs, IDLE_TIMEOUT);

  /** Suspends the idle timeout meanwhile: it is not the model that is waited for. */
  const waitWithoutTimeout = async (promise: Promise<void>) => {
    clearTimeout(idleTimer);
    await wait.waitFor(promise);
    idleTimer = setTimeout(giveUp, idleTimeoutMs, IDLE_TIMEOUT);
  };

  const delivered = new Delivered(generation, journal, options.onOutput);
  let limitTimer: NodeJS.Timeout | undefined;
  const watch =
    options.limit &&
    new OutputWatch(options.limit, (tokens) => {
      const passed = new LimitPassed(generation.text, tokens);
      // The model may still say in the words of its API how the reply ends.
      abort.abort(passed);
      limitTimer = setTimeout(giveUp, END_AT_LIMIT_MS, passed);
    });
  let isFinished = false;
  const deltas = ask(abort.signal)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await wait.waitFor(deltas.next());
      if (next.done) break;
      idleTimer.refresh();
      if (!lease.isCertain) {
        if (leaving.hasLeft) throw new Stopped('stopped');
        await waitWithoutTimeout(lease.untilCertain());
      }
      if (leaving.hasLeft) {
        delivered.addUsage(next.value);
        leaving.read(next.value);
        continue;
      }
      const delta = delivered.add(next.value);
      const caughtUp = deliver?.(delta);
      if (caughtUp) await waitWithoutTimeout(leaving.unlessLeft(caughtUp));
      const counted = watch?.add((delta.text ?? '') + (delta.nonReplyOutput ?? ''));
      if (counted) await waitWithoutTimeout(counted);
    }
    isFinished = true;
    return leaving.hasLeft
      ? delivered.end('stopped', new Stopped('stopped'))
      : delivered.end('finished', undefined);
  } catch (cause) {
    // What goes wrong while nobody reads changes nothing, unless another server has the hold.
    if (cause instanceof Stopped) return delivered.end(endingOf(cause), cause);
    if (leaving.hasLeft) return delivered.end('stopped', cause);
    if (abort.signal.reason instanceof LimitPassed) return delivered.end('finished', undefined);
    return delivered.end(endingOf(cause), cause);
  } finally {
    leaving.close();
    watch?.end();
    clearTimeout(limitTimer);
    clearTimeout(idleTimer);
    signal.removeEventListener('abort', onStop);
    if (!isFinished) {
      abort.abort(ENDED);
      // Lets the generator clean up if it is still running; its result no longer matters.
      deltas.return?.().catch(() => undefined);
    }
  }
}

/**
 * Waits that can be aborted, since a model may not react to its signal. `Promise.race` would do the
 * same, but racing against one long-lived promise leaks a reaction for every delta of the reply.
 */
class AbortableWait {
  #ended: Error | undefined;
  #reject: ((reason: Error) => void) | undefined;

  /** Settles like the promise, or rejects as soon as the wait is ended. */
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
  if (isTimeout || cause === IDLE_TIMEOUT) return 'timed_out';
  if (!(cause instanceof Stopped)) return 'failed';
  return cause.reason === 'server_lost' ? 'server_lost' : 'stopped';
}

/** What one model has delivered so far. */
class Delivered {
  readonly #generation: RunningGeneration;
  readonly #journal: Journal;
  readonly #onOutput: (() => void) | undefined;
  readonly #texts = new StorablePieces();
  readonly #nonReplyOutputs = new StorablePieces();
  #toolOutput = '';
  #usage: Usage | undefined;
  #isDelivered = false;

  constructor(generation: RunningGeneration, journal: Journal, onOutput?: () => void) {
    this.#generation = generation;
    this.#journal = journal;
    this.#onOutput = onOutput;
  }

  /**
   * Adds a delta and returns it with its text as it will be stored: a reader who reconnects counts
   * the characters that it already has.
   */
  add(delta: Delta): Delta {
    const text = this.#texts.add(delta.text ?? '');
    const nonReplyOutput = this.#nonReplyOutputs.add(delta.nonReplyOutput ?? '');
    if (text !== '' || nonReplyOutput !== '') {
      this.#generation.add(text, nonReplyOutput);
      this.#noteOutput();
      this.#journal.add(text, nonReplyOutput);
    }
    if (delta.toolCalls) this.#addCalls(delta.toolCalls);
    this.addUsage(delta);
    if (delta.bytes) this.#noteOutput();
    const isUnchanged =
      text === (delta.text ?? '') && nonReplyOutput === (delta.nonReplyOutput ?? '');
    return isUnchanged ? delta : { ...delta, text, nonReplyOutput };
  }

  #addCalls(pieces: NonNullable<Delta['toolCalls']>): void {
    const written = storableText(pieces.map((it) => it.name + it.arguments).join(''));
    this.#toolOutput += written;
    this.#noteOutput();
    this.#journal.addToolOutput(written);
  }

  #noteOutput(): void {
    if (!this.#isDelivered) this.#onOutput?.();
    this.#isDelivered = true;
  }

  /** Adds what a delta says of the usage, and nothing else of it. */
  addUsage({ usage }: Delta): void {
    if (usage) this.#usage = usage;
  }

  /** All that was delivered. Nothing may be added afterwards. */
  end(ending: Ending, cause: unknown): Generated {
    return {
      text: this.#generation.text + this.#texts.end(),
      nonReplyOutput: this.#generation.nonReplyOutput + this.#nonReplyOutputs.end(),
      toolOutput: this.#toolOutput,
      thinkingMs: this.#generation.thinkingMs,
      usage: this.#usage,
      ending,
      stopReason: cause instanceof Stopped ? cause.reason : undefined,
      isDelivered: this.#isDelivered,
      cause,
    };
  }
}
