import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { SqliteConnection } from './sqlite-connection.ts';
import { bytesOf } from './sqlite-file.ts';

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5_000;
/** How long a caller waits for others to stop reading. */
const WAIT_MS = 2_000;
const THREAD = new URL('./sqlite-checkpoint-thread.ts', import.meta.url);
/**
 * Twice what SQLite lets the log grow to before it copies it into the file by itself. A log that is
 * longer would hold up the event loop, so a thread copies it first.
 */
const LONG_LOG_BYTES = 8 * 1024 * 1024;

/** Removes what was deleted from the files of a database, one caller's and then the next's. */
export class RemainsEraser {
  readonly #sqlite: SqliteConnection;
  readonly #path: string;
  readonly #closing = new AbortController();
  #current: Promise<void> | undefined;
  #isWanted = false;

  /** @param path of the file of the connection */
  constructor(sqlite: SqliteConnection, path: string) {
    this.#sqlite = sqlite;
    this.#path = path;
  }

  /**
   * Overwrites what has been deleted until now. Resolves when that is done, or goes on in the
   * background if others are reading for long; never rejects.
   */
  async erase(): Promise<void> {
    this.#isWanted = true;
    this.#current ??= this.#run().finally(() => {
      this.#current = undefined;
    });
    await Promise.race([this.#current, sleep(WAIT_MS, undefined, { ref: false })]);
  }

  /** Gives up; closing the last connection empties the log anyway. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#current;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let delayMs = FIRST_DELAY_MS; this.#isWanted && !signal.aborted; ) {
      this.#isWanted = false;
      if (await this.#emptyLog()) continue;
      this.#isWanted = true;
      await sleep(delayMs, undefined, { signal, ref: false }).catch(() => undefined);
      delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
    }
  }

  async #emptyLog(): Promise<boolean> {
    if (bytesOf(`${this.#path}-wal`) > LONG_LOG_BYTES) await this.#copyLog();
    // Any error is a reason to try again: the database may be back later.
    return this.#sqlite.exclusively(() => this.#sqlite.emptyLog()).catch(() => false);
  }

  /** Copies the log in a thread. What it leaves, since somebody is reading, stays for later. */
  async #copyLog(): Promise<void> {
    const thread = new Worker(THREAD, { workerData: this.#path });
    await once(thread, 'exit').catch(() => undefined);
  }
}
