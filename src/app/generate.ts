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
  const aborted = abortion(abort.signal);
  const onStop = () => abort.abort(stop?.reason);
  stop?.addEventListener('abort', onStop, { once: true });
  if (stop?.aborted) onStop();
  const silence = setTimeout(() => abort.abort(FELL_SILENT), model.idleTimeoutMs);

  let text = '';
  let usage: Usage | undefined;
  const deltas = model.generate({ ...request, signal: abort.signal })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next: IteratorResult<Delta> = await Promise.race([deltas.next(), aborted]);
      if (next.done) return { text, usage, ending: 'finished', cause: undefined };
      silence.refresh();
      if (next.value.kind === 'usage') {
        usage = next.value.usage;
        continue;
      }
      text += next.value.text;
      journal.add(next.value.text);
      if (journal.isHoldEnded) abort.abort(HOLD_ENDED);
    }
  } catch (cause) {
    return { text, usage, ending: endingBy(abort.signal, cause), cause };
  } finally {
    clearTimeout(silence);
    stop?.removeEventListener('abort', onStop);
    abort.abort();
    // Lets a generator that is still running clean up; what it says now is of no interest.
    deltas.return?.().catch(() => undefined);
  }
}

/** Rejects when the signal aborts, and is no unhandled rejection if nobody waits by then. */
function abortion(signal: AbortSignal): Promise<never> {
  const promise = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  promise.catch(() => undefined);
  return promise;
}

function endingBy(signal: AbortSignal, cause: unknown): Ending {
  if (!signal.aborted || cause !== signal.reason) return 'failed';
  if (cause === FELL_SILENT) return 'timed_out';
  return cause === HOLD_ENDED ? 'server_lost' : 'stopped';
}
