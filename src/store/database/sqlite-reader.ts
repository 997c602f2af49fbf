/**
 * Long reads of SQLite in a thread of their own, so that they hold up nobody: `node:sqlite` is
 * synchronous, and in WAL mode readers and the writer do not wait for each other
 * (https://sqlite.org/wal.html).
 */
import type { SQLInputValue } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { ChitError } from '../../core/errors.ts';

/** A query for the thread; `go_on` asks for more rows of the current one. */
export type ToThread =
  | {
      readonly kind: 'query';
      readonly sql: string;
      readonly parameters: readonly SQLInputValue[];
    }
  | { readonly kind: 'go_on' };

/** That the thread can be asked; rows, in the order of the query; or why there are none. */
export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'rows'; readonly rows: readonly object[]; readonly isLast: boolean }
  | { readonly kind: 'too_long' }
  | { readonly kind: 'error'; readonly message: string; readonly errcode: number | undefined };

/** What a thread is started with. */
export interface ThreadData {
  readonly path: string;
  readonly limitMs: number;
}

const THREAD = new URL('./sqlite-reader-thread.ts', import.meta.url);
/** The thread holds one chunk of rows and a page cache that is not on its heap. */
const MAX_HEAP_MB = 64;
/**
 * A query looks at the clock for each row and for each text that it searches, and ends itself.
 * SQLite cannot be interrupted through `node:sqlite`, so one that does neither is given up this
 * much later: whoever asked is told, and the thread ends when SQLite returns from it.
 */
const GRACE_SHARE = 0.2;

/** The query that is running. */
interface Running {
  receive(answer: FromThread): void;
  fail(error: Error): void;
}

/** A thread with a read-only connection, started with the first query; one query at a time. */
export class SqliteReader {
  readonly #data: ThreadData;
  #thread: Worker | undefined;
  #running: Running | undefined;
  /** Resolves when the query before has ended, and its thread if that was ended as well. */
  #turn: Promise<unknown> = Promise.resolve();
  #ending: Promise<unknown> = Promise.resolve();

  /** @param limitMs how long a query may take */
  constructor(path: string, limitMs: number) {
    this.#data = { path, limitMs };
  }

  /**
   * The rows of a query. It sees all that was committed before.
   * @throws ChitError `read_too_long`; Error with SQLite's `errcode`
   */
  all(sql: string, parameters: readonly SQLInputValue[]): Promise<object[]> {
    const rows = this.#turn.then(() => this.#ask({ kind: 'query', sql, parameters }));
    this.#turn = rows.then(
      () => undefined,
      () => this.#ending,
    );
    return rows;
  }

  /** Ends the thread, and what is running in it. */
  async close(): Promise<void> {
    const running = this.#running;
    this.#end();
    running?.fail(hasEnded());
    await this.#ending;
  }

  async #ask(query: ToThread): Promise<object[]> {
    if (!this.#thread) await this.#start();
    const thread = this.#thread;
    if (!thread) throw hasEnded();
    // While a query runs, it keeps the process alive.
    thread.ref();
    return new Promise<object[]>((resolve, reject) => {
      const rows: object[] = [];
      const done = () => {
        clearTimeout(timer);
        this.#running = undefined;
        thread.unref();
      };
      const refuse = (error: Error) => {
        done();
        reject(error);
      };
      const fail = (error: Error) => {
        this.#end();
        refuse(error);
      };
      const timer = setTimeout(() => fail(tooLong()), this.#data.limitMs * (1 + GRACE_SHARE));
      const receive = (answer: FromThread) => {
        if (answer.kind === 'ready') return;
        if (answer.kind === 'too_long') return refuse(tooLong());
        if (answer.kind === 'error') return refuse(errorOf(answer));
        for (const row of answer.rows) rows.push(row);
        if (!answer.isLast) {
          // Not at once, or chunk after chunk would be unpacked before anything else is done.
          setImmediate(() => thread.postMessage({ kind: 'go_on' } satisfies ToThread));
          return;
        }
        done();
        resolve(rows);
      };
      this.#running = { receive, fail };
      thread.postMessage(query);
    });
  }

  /** Resolves when the thread can be asked, so that its start does not count as reading. */
  #start(): Promise<void> {
    const thread = new Worker(THREAD, {
      workerData: this.#data,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    this.#thread = thread;
    return new Promise((resolve, reject) => {
      this.#running = { receive: () => resolve(), fail: reject };
      // One that was given up may still answer, or end, while the next one is at work.
      const running = () => (this.#thread === thread ? this.#running : undefined);
      thread.on('message', (answer: FromThread) => running()?.receive(answer));
      const fail = (error: Error) => {
        const it = running();
        this.#end();
        it?.fail(error);
      };
      thread.on('error', (error: NodeJS.ErrnoException) => {
        fail(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooLong() : error);
      });
      thread.on('exit', () => {
        if (this.#thread === thread) fail(hasEnded());
      });
    });
  }

  /** The next query gets another thread, once this one has ended. */
  #end(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    if (thread) this.#ending = thread.terminate();
  }
}

function hasEnded(): Error {
  return new Error('Connection terminated: the thread has ended.');
}

function tooLong(): ChitError<'read_too_long'> {
  return new ChitError('read_too_long', undefined);
}

function errorOf({ message, errcode }: Extract<FromThread, { kind: 'error' }>): Error {
  return Object.assign(new Error(message), errcode === undefined ? {} : { errcode });
}
