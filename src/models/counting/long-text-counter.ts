import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ChitError } from '../../core/errors.ts';
import { askThread } from '../ask-thread.ts';

/** A text is counted piece by piece, so that a short one need not wait for all of a long one. */
const PIECE_CHARACTERS = 32_768;
/** Small enough not to hold up the event loop, if there is no thread to count them. */
const SMALL_PIECE_CHARACTERS = 2_048;
/** Texts with a time limit are refused beyond this: the last of them could not be in time. */
const MAX_WAITING_CHARACTERS = 67_108_864;
/** The thread has tables of its own, so it ends when it has been idle for so long. */
const IDLE_MS = 60_000;
const BUSY_RETRY_SECONDS = 5;
/** How much shorter a text counts for each millisecond that it has waited. */
const CHARACTERS_PER_MS = 100;

interface Job {
  /** A text, whose tokens are counted, or a PDF file in base64, whose pages are. */
  readonly work: string | Uint8Array<ArrayBuffer>;
  readonly length: number;
  readonly sinceMs: number;
  at: number;
  counted: number;
  isOver: boolean;
  readonly resolve: (counted: number) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

/**
 * Counts the tokens of long texts, and the pages of PDF files, in a thread of its own, which starts
 * when it is first needed.
 */
export class LongTextCounter {
  readonly #jobs: Job[] = [];
  #waitingCharacters = 0;
  #isRunning = false;
  #worker: Worker | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  /**
   * @param work a text, or a PDF file in base64, which is handed over
   * @param limitMs how long it may wait and be counted; undefined for as long as it takes
   * @param stop aborts when nobody wants to know any more
   * @throws ChitError `server_busy`; what `stop` aborts with
   */
  count(
    work: string | Uint8Array<ArrayBuffer>,
    limitMs: number | undefined,
    stop?: AbortSignal,
  ): Promise<number> {
    const isLimited = limitMs !== undefined;
    if (isLimited && this.#waitingCharacters + work.length > MAX_WAITING_CHARACTERS) {
      return Promise.reject(tooBusy());
    }
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const timer = isLimited ? setTimeout(() => this.#giveUp(job), limitMs) : undefined;
    const job: Job = {
      work,
      length: work.length,
      sinceMs: performance.now(),
      at: 0,
      counted: 0,
      isOver: false,
      resolve,
      reject,
      timer,
    };
    this.#jobs.push(job);
    this.#waitingCharacters += work.length;
    stop?.addEventListener('abort', () => this.#drop(job, stop), { once: true });
    if (!this.#isRunning) void this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    clearTimeout(this.#idleTimer);
    for (let job = this.#takeNext(); job; job = this.#takeNext()) {
      if (job.isOver) continue;
      const { work } = job;
      // A file is counted at once: its pages may be anywhere in it.
      const piece = typeof work === 'string' ? work.slice(job.at, job.at + PIECE_CHARACTERS) : work;
      job.at += piece.length;
      job.counted += await this.#countPiece(piece);
      if (job.isOver) continue;
      if (job.at < job.length) this.#jobs.push(job);
      else {
        this.#end(job);
        job.resolve(job.counted);
      }
    }
    this.#isRunning = false;
    this.#idleTimer = setTimeout(() => this.#stop(), IDLE_MS).unref();
  }

  /**
   * The one that is done soonest, so that a short text need not wait for a long one and many long
   * ones are not all too late; but one that has waited goes ahead of a newer one.
   */
  #takeNext(): Job | undefined {
    const nowMs = performance.now();
    let next = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const [index, { length, at, sinceMs }] of this.#jobs.entries()) {
      const rank = length - at - (nowMs - sinceMs) * CHARACTERS_PER_MS;
      if (rank >= least) continue;
      next = index;
      least = rank;
    }
    return this.#jobs.splice(next, 1)[0];
  }

  #giveUp(job: Job): void {
    this.#end(job);
    job.reject(tooBusy());
  }

  #drop(job: Job, stop: AbortSignal): void {
    if (job.isOver) return;
    this.#end(job);
    job.reject(stop.reason as Error);
  }

  #end(job: Job): void {
    job.isOver = true;
    clearTimeout(job.timer);
    this.#waitingCharacters -= job.length;
  }

  async #countPiece(piece: string | Uint8Array<ArrayBuffer>): Promise<number> {
    try {
      this.#worker ??= startWorker();
      const transferred = typeof piece === 'string' ? [] : [piece.buffer];
      return await askThread<number>(this.#worker, piece, transferred);
    } catch {
      // A system that has no thread left still has to count: what is charged may depend on it.
      this.#stop();
      return countHere(piece);
    }
  }

  #stop(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }
}

function startWorker(): Worker {
  // Without the options of this process, which may be those of a test or a debugger.
  return new Worker(new URL('./count-worker.ts', import.meta.url), { execArgv: [] });
}

async function countHere(piece: string | Uint8Array): Promise<number> {
  // It is no bound, so it may be the least of all.
  if (typeof piece !== 'string') return 1;
  const { countSlices } = await import('./count-slices.ts');
  let tokens = 0;
  for (let at = 0; at < piece.length; at += SMALL_PIECE_CHARACTERS) {
    tokens += countSlices(piece.slice(at, at + SMALL_PIECE_CHARACTERS));
    await nextTurn();
  }
  return tokens;
}

function tooBusy(): ChitError {
  return new ChitError('server_busy', { retryAfterSeconds: BUSY_RETRY_SECONDS });
}
