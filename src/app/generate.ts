import type { Ending } from '../core/outcome.ts';
import type { Usage } from '../core/usage.ts';
import type { Delta, GenerateRequest, Model } from '../models/catalogue.ts';
import type { Journal } from './journal.ts';

/** What a model delivered until it ended, and why it ended. */
export interface Generated {
  readonly text: string;
  readonly usage: Usage | undefined;
  readonly ending: Ending;
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
 * Lets a model answer, journaling every piece, until it is done, fails, falls silent or is
 * stopped. Never rejects: what was delivered so far is always told.
 * @param stop aborts when the user wants no more
 */
export async function generate(
  model: Model,
  request: Omit<GenerateRequest, 'signal'>,
  journal: Journal,
  stop: AbortSignal | undefined,
): Promise<Generated> {
  const abort = new AbortController();
  // A model may not react to being aborted, so waiting for it is given up as well.
  const { promise: givenUp, reject } = Promise.withResolvers<never>();
  givenUp.catch(() => undefined);
  const giveUp = (reason: Error) => {
    reject(reason);
    abort.abort(reason);
  };
  const onStop = () => giveUp(STOPPED);
  stop?.addEventListener('abort', onStop, { once: true });
  if (stop?.aborted) onStop();
  const silence = setTimeout(giveUp, model.idleTimeoutMs, FELL_SILENT);

  let text = '';
  let usage: Usage | undefined;
  let isFinished = false;
  const deltas = model.generate({ ...request, signal: abort.signal })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next: IteratorResult<Delta> = await Promise.race([deltas.next(), givenUp]);
      if (next.done) break;
      silence.refresh();
      if (next.value.kind === 'usage') {
        usage = next.value.usage;
        continue;
      }
      text += next.value.text;
      journal.add(next.value.text);
      if (journal.isHoldEnded) giveUp(HOLD_ENDED);
    }
    isFinished = true;
    return { text, usage, ending: 'finished', cause: undefined };
  } catch (cause) {
    return { text, usage, ending: ENDINGS.get(cause) ?? 'failed', cause };
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
