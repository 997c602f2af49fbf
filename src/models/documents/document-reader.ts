/** Reads documents in a thread, which starts when it is first needed and is ended if it is slow. */
import { Worker } from 'node:worker_threads';
import { ChitError } from '../../core/errors.ts';
import { FILE_TEXT_BYTES, PDF_PAGES } from '../../core/files.ts';
import { askThread } from '../ask-thread.ts';
import type { DocumentText } from './document-limits.ts';
import { UnreadableDocument } from './document-limits.ts';
import type { DocumentAnswer, DocumentJob } from './document-worker.ts';

/** How long one document may take. */
const LIMIT_MS = 20_000;
/** The thread has libraries of its own, so it ends when it has been idle for so long. */
const IDLE_MS = 60_000;
/** How many may wait; the last of them could not be in time. */
const MOST_WAITING = 16;
const BUSY_RETRY_SECONDS = 10;
const INFLATED_BYTES = { pdf: 1_073_741_824, document: 100_663_296 } as const;
const THREAD_LIMITS = { maxOldGenerationSizeMb: 384, maxYoungGenerationSizeMb: 48, stackSizeMb: 4 };

/** One thread, and a queue before it. */
export class DocumentReader {
  readonly #limitMs: number;
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #idleTimer: NodeJS.Timeout | undefined;

  /** @param limitMs how long one document may take */
  constructor(limitMs = LIMIT_MS) {
    this.#limitMs = limitMs;
  }

  /**
   * Reads the text of a document.
   * @param bytes the file, of which a copy is handed over
   * @throws UnreadableDocument; ChitError `server_busy` if too many are waiting
   */
  async read(kind: DocumentJob['kind'], bytes: Uint8Array): Promise<DocumentText> {
    if (this.#waiting >= MOST_WAITING) {
      throw new ChitError('server_busy', { retryAfterSeconds: BUSY_RETRY_SECONDS });
    }
    this.#waiting += 1;
    const turn = this.#last.then(() => this.#answer(kind, bytes));
    this.#last = turn.catch(() => undefined);
    try {
      const answer = await turn;
      if ('fault' in answer) throw new UnreadableDocument(answer.fault);
      return answer;
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Ends the thread. */
  stop(): void {
    clearTimeout(this.#idleTimer);
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #answer(kind: DocumentJob['kind'], bytes: Uint8Array): Promise<DocumentAnswer> {
    clearTimeout(this.#idleTimer);
    const limits = {
      textBytes: FILE_TEXT_BYTES,
      pages: PDF_PAGES,
      inflatedBytes: INFLATED_BYTES[kind],
    };
    const worker = this.#worker ?? startWorker();
    this.#worker = worker;
    const timer = setTimeout(() => void worker.terminate(), this.#limitMs);
    let isSlow = false;
    const slow = setTimeout(() => {
      isSlow = true;
    }, this.#limitMs - 1);
    try {
      const job: DocumentJob = { kind, bytes: new Uint8Array(bytes), limits };
      return await askThread<DocumentAnswer>(worker, job, [job.bytes.buffer]);
    } catch {
      // It was ended, or has used up its memory.
      this.stop();
      return { fault: isSlow ? 'too_slow' : 'too_much_inside' };
    } finally {
      clearTimeout(timer);
      clearTimeout(slow);
      this.#idleTimer = setTimeout(() => this.stop(), IDLE_MS).unref();
    }
  }
}

function startWorker(): Worker {
  // Without the options of this process, which may be those of a test or a debugger; and what
  // libraries print is for nobody.
  return new Worker(new URL('./document-worker.ts', import.meta.url), {
    execArgv: [],
    env: {},
    resourceLimits: THREAD_LIMITS,
    stdout: true,
    stderr: true,
  });
}
