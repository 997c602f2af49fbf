import {
  DatabaseSync,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementSync,
} from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { addInTime } from './in-time.ts';

/** How long opening the file waits for another process, synchronously: nothing is served yet. */
const OPENING_TIMEOUT_MS = 5_000;
/** The same where nobody else should have it open: for a server that is just closing. */
const ALONE_TIMEOUT_MS = 500;
/** How long a transaction or a statement waits, in all, for another process that is writing. */
const BUSY_FOR_MS = 5_000;
/** After nobody got the lock for that long, for how long everybody is refused at once. */
const REFUSE_FOR_MS = 1_000;
/** The delays before the first attempts to get the lock; the last one is repeated. */
const RETRY_DELAYS_MS = [1, 2, 5, 10];
/** SQLITE_BUSY, https://sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;
const MAX_CACHED_STATEMENTS = 500;
/**
 * An upper limit. With 16 MB, chats on ten million transfers run at 0.76 of the speed that they
 * have on ten thousand, with 32 MB at 0.97; 64 MB gain nothing more, and the process grows by as
 * much.
 */
const PAGE_CACHE_KIB = 32_768;

interface SqliteConnectionOptions {
  readonly busyForMs?: number;
  readonly readOnly?: boolean;
  readonly isAlone?: boolean;
}

/**
 * The one connection of this process to the SQLite file, and the queue in front of it.
 *
 * A transaction that awaits between its statements owns the connection until it ends, since any
 * other statement would run inside it. So every user of the connection takes `lock` first, or uses
 * `exclusively`.
 *
 * SQLite's own way of waiting for the lock of another process blocks the event loop. So it is told
 * to fail at once, and the attempt is repeated from the loop (`attempt`).
 */
export class SqliteConnection {
  readonly db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #arrayStatements = new Map<string, StatementSync>();
  readonly #waiting: (() => void)[] = [];
  readonly #busyForMs: number;
  #isLocked = false;
  /** Resolves when the lock of the file was free, or when it is time to give up. */
  #probing: Promise<void> | undefined;
  #refuseUntilMs = 0;
  #refusal: Error | undefined;

  /**
   * @param path a file, or `:memory:`
   * @param options `busyForMs`: how long to wait for another process that is writing;
   *   `readOnly`: nothing can be changed through this connection;
   *   `isAlone`: nobody else can open the file until this is closed; fails with SQLITE_BUSY if
   *   somebody has it open
   */
  constructor(
    path: string,
    { busyForMs = BUSY_FOR_MS, readOnly = false, isAlone = false }: SqliteConnectionOptions = {},
  ) {
    this.#busyForMs = busyForMs;
    const timeout = isAlone ? ALONE_TIMEOUT_MS : OPENING_TIMEOUT_MS;
    this.db = new DatabaseSync(path, { timeout, readOnly });
    try {
      if (isAlone) this.#keepOthersOut();
      if (readOnly) this.#beginToRead();
      else this.#prepareToWrite(timeout);
      this.db.exec(`PRAGMA cache_size = -${PAGE_CACHE_KIB}`);
      this.db.exec('PRAGMA busy_timeout = 0');
      addInTime(this.db);
    } catch (error) {
      this.db.close();
      throw error;
    }
  }

  /**
   * With a write-ahead log each open connection has a lock that this one does not go with
   * (https://sqlite.org/pragma.html#pragma_locking_mode).
   */
  #keepOthersOut(): void {
    this.db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
  }

  /** With the first read it gets the lock without which the file may be replaced at any moment. */
  #beginToRead(): void {
    try {
      this.db.prepare('SELECT 1 FROM sqlite_schema').get();
    } catch (error) {
      // Whoever reads meets any other error again.
      if (isBusy(error)) throw error;
    }
  }

  #prepareToWrite(timeoutMs: number): void {
    // WAL lets other processes read while we write; FULL makes a commit survive power loss.
    this.#writeAhead(timeoutMs);
    this.db.exec('PRAGMA synchronous = FULL');
    this.db.exec('PRAGMA foreign_keys = ON');
    // What is deleted is overwritten. Not FAST, which leaves the pages of long texts as they are;
    // in 2,000 chats of 300 bytes and of 9 kB neither could be told from OFF.
    this.db.exec('PRAGMA secure_delete = ON');
  }

  /**
   * Of processes that switch a new file at once, SQLite refuses all but one without waiting, since
   * each has a lock that the others wait for.
   */
  #writeAhead(timeoutMs: number): void {
    for (const giveUpMs = performance.now() + timeoutMs; ; pause()) {
      try {
        this.db.exec('PRAGMA journal_mode = WAL');
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() >= giveUpMs) throw error;
      }
    }
  }

  /** Whether it is free, as 1 or 0, and how many wait for it. */
  get usage(): { readonly idle: number; readonly waiting: number } {
    return { idle: this.#isLocked ? 0 : 1, waiting: this.#waiting.length };
  }

  /** Takes the connection; resolves when it is this caller's turn. */
  async lock(): Promise<void> {
    if (!this.#isLocked) {
      this.#isLocked = true;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Passes the connection to the next in the queue. */
  unlock(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#isLocked = false;
  }

  /**
   * Runs synchronous work on the connection when no transaction is open on it.
   * @param work is repeated while another process holds the lock of the file, so it is one
   *   statement, or one transaction
   * @throws SQLite's error if another process holds the lock for too long
   */
  async exclusively<T>(work: () => T): Promise<T> {
    if (!this.#isLocked) {
      try {
        return this.#use(work);
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
    }
    await this.lock();
    try {
      return await this.attempt(work);
    } finally {
      this.unlock();
    }
  }

  /**
   * As `exclusively`, for a caller who has taken the connection. While it waits others may use the
   * connection, unless the caller has a transaction open.
   */
  async attempt<T>(work: () => T): Promise<T> {
    const startedMs = performance.now();
    for (;;) {
      try {
        return this.#use(work);
      } catch (error) {
        const nowMs = performance.now();
        const isOver = nowMs - startedMs >= this.#busyForMs || nowMs < this.#refuseUntilMs;
        if (isOver || !isBusy(error)) throw error;
      }
      if (this.db.isTransaction) await sleep(RETRY_DELAYS_MS.at(-1));
      else await this.#untilFree();
    }
  }

  /** From now on all work is refused with this error, or done again if there is none. */
  refuse(refusal: Error | undefined): void {
    this.#refusal = refusal;
  }

  #use<T>(work: () => T): T {
    if (this.#refusal) throw this.#refusal;
    return work();
  }

  /** A prepared statement, prepared once for each text. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      if (this.#statements.size >= MAX_CACHED_STATEMENTS) this.#statements.clear();
      statement = this.db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /**
   * The same for statements whose rows come as arrays. To make objects of them here takes less than
   * Node's own ones, whose columns are also slow to read.
   */
  #prepareArrays(sql: string): StatementSync {
    let statement = this.#arrayStatements.get(sql);
    if (!statement) {
      if (this.#arrayStatements.size >= MAX_CACHED_STATEMENTS) this.#arrayStatements.clear();
      statement = this.db.prepare(sql);
      statement.setReturnArrays(true);
      this.#arrayStatements.set(sql, statement);
    }
    return statement;
  }

  /** Runs a statement and returns its rows, if it has any, and how many rows it changed. */
  run(sql: string, parameters: readonly SQLInputValue[]): { rows: object[]; changes: number } {
    const statement = this.#prepareArrays(sql);
    const names = statement.columns().map(({ name }) => name);
    if (names.length > 0) {
      const rows = statement.all(...parameters) as unknown as SQLOutputValue[][];
      return { rows: rows.map((row) => rowOf(names, row)), changes: 0 };
    }
    return { rows: [], changes: Number(statement.run(...parameters).changes) };
  }

  /** Runs synchronous work as one transaction; an error rolls it back and is thrown on. */
  transact<T>(work: () => T): T {
    this.prepare('BEGIN IMMEDIATE').run();
    try {
      const result = work();
      this.prepare('COMMIT').run();
      return result;
    } catch (error) {
      if (this.db.isTransaction) this.prepare('ROLLBACK').run();
      throw error;
    }
  }

  /**
   * Moves all that was written into the database file and empties the write-ahead log, in which the
   * earlier versions of pages are, with what has been deleted since.
   * @returns false if another connection is still reading or writing
   */
  emptyLog(): boolean {
    const { busy } = this.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: 0 | 1 };
    return busy === 0;
  }

  close(): void {
    this.#statements.clear();
    this.#arrayStatements.clear();
    this.db.close();
  }

  /** Gives the connection away until the lock of the file may be free, then takes it back. */
  async #untilFree(): Promise<void> {
    this.#probing ??= this.#probe().finally(() => {
      this.#probing = undefined;
    });
    this.unlock();
    await this.#probing;
    await this.lock();
  }

  /** Tries to get the lock of the file, for all that wait for it: only one attempt at a time. */
  async #probe(): Promise<void> {
    const giveUpMs = performance.now() + this.#busyForMs;
    for (let tries = 0; performance.now() < giveUpMs; tries += 1) {
      await sleep(RETRY_DELAYS_MS[tries] ?? RETRY_DELAYS_MS.at(-1));
      await this.lock();
      try {
        this.transact(() => undefined);
        return;
      } catch (error) {
        // Whoever waits meets any other error again.
        if (!isBusy(error)) return;
      } finally {
        this.unlock();
      }
    }
    this.#refuseUntilMs = performance.now() + REFUSE_FOR_MS;
  }
}

/** Waits a moment, synchronously: nothing is served yet. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_DELAYS_MS.at(-1));
}

function rowOf(names: readonly string[], values: readonly SQLOutputValue[]): object {
  const row: Record<string, SQLOutputValue> = {};
  for (let index = 0; index < names.length; index += 1) {
    row[names[index] as string] = values[index] as SQLOutputValue;
  }
  return row;
}

/** Whether another process holds a lock that SQLite needs. The low byte is the primary code. */
export function isBusy(error: unknown): boolean {
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY;
}
