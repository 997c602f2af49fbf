import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ChitError } from '../core/errors.ts';

/** Texts take turns piece by piece, so that a short one need not wait for a long one. */
const PIECE_CHARACTERS = 32_768;
/** Small enough not to hold up the event loop, if there is no thread to count them. */
const SMALL_PIECE_CHARACTERS = 2_048;
/** Texts with a time limit are refused beyond this: the last of them could not be in time. */
const MAX_WAITING_CHARACTERS = 67_108_864;
/** The thread has tables of its own, so it ends when it has been idle for so long. */
const IDLE_MS = 60_000;
const BUSY_RETRY_SECONDS = 5;

interface Job {
  readonly text: string;
  at: number;
  tokens: number;
  isOver: boolean;
  readonly resolve: (tokens: number) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

/** Counts the tokens of long texts in a thread of its own, which starts when it is first needed. */
export class LongTextCounter {
  readonly #jobs: Job[] = [];
  #waitingCharacters = 0;
  #isRunning = false;
  #worker: Worker | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  /**
   * @param limitMs how long the text may wait and be counted; undefined for as long as it takes
   * @throws ChitError `server_busy`
   */
  count(text: string, limitMs: number | undefined): Promise<number> {
    const isLimited = limitMs !== undefined;
    if (isLimited && this.#waitingCharacters + text.length > MAX_WAITING_CHARACTERS) {
      return Promise.reject(tooBusy());
    }
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const timer = isLimited ? setTimeout(() => this.#giveUp(job), limitMs) : undefined;
    const job: Job = { text, at: 0, tokens: 0, isOver: false, resolve, reject, timer };
    this.#jobs.push(job);
    this.#waitingCharacters += text.length;
    if (!this.#isRunning) void this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    clearTimeout(this.#idleTimer);
    for (let job = this.#jobs.shift(); job; job = this.#jobs.shift()) {
      if (job.isOver) continue;
      const piece = job.text.slice(job.at, job.at + PIECE_CHARACTERS);
      job.at += piece.length;
      job.tokens += await this.#countPiece(piece);
      if (job.isOver) continue;
      if (job.at < job.text.length) this.#jobs.push(job);
      else {
        this.#end(job);
        job.resolve(job.tokens);
      }
    }
    this.#isRunning = false;
    this.#idleTimer = setTimeout(() => this.#stop(), IDLE_MS).unref();
  }

  #giveUp(job: Job): void {
    this.#end(job);
    job.reject(tooBusy());
  }

  #end(job: Job): void {
    job.isOver = true;
    clearTimeout(job.timer);
    this.#waitingCharacters -= job.text.length;
  }

  async #countPiece(piece: string): Promise<number> {
    try {
      this.#worker ??= startWorker();
      return await answerOf(this.#worker, piece);
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

function answerOf(worker: Worker, piece: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const end = () => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      // An idle thread must not keep the process alive.
      worker.unref();
    };
    const onMessage = (tokens: number) => {
      end();
      resolve(tokens);
    };
    const onError = (error: unknown) => {
      end();
      reject(error);
    };
    const onExit = () => onError(new Error('The thread has ended.'));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.ref();
    worker.postMessage(piece);
  });
}

async function countHere(piece: string): Promise<number> {
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
