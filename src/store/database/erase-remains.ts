import { setTimeout as sleep } from 'node:timers/promises';
import type { SqliteConnection } from './sqlite-connection.ts';

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5_000;
/** How long a caller waits for others to stop reading. */
const WAIT_MS = 2_000;

/** Removes what was deleted from the files of a database, one caller's and then the next's. */
export class RemainsEraser {
  readonly #sqlite: SqliteConnection;
  readonly #closing = new AbortController();
  #current: Promise<void> | undefined;
  #isWanted = false;

  constructor(sqlite: SqliteConnection) {
    this.#sqlite = sqlite;
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

  #emptyLog(): Promise<boolean> {
    // Any error is a reason to try again: the database may be back later.
    return this.#sqlite.exclusively(() => this.#sqlite.emptyLog()).catch(() => false);
  }
}
