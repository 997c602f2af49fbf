import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { addMatching } from './matching.ts';

/** How long a statement waits for another process that is writing, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;
const MAX_CACHED_STATEMENTS = 500;
/**
 * An upper limit. With 16 MB, chats on ten million transfers run at 0.76 of the speed that they
 * have on ten thousand, with 32 MB at 0.97; 64 MB gain nothing more, and the process grows by as
 * much.
 */
const PAGE_CACHE_KIB = 32_768;

/**
 * The one connection of this process to the SQLite file, and the queue in front of it.
 *
 * A transaction that awaits between its statements owns the connection until it ends, since any
 * other statement would run inside it. So every user of the connection takes `lock` first, or uses
 * `exclusively`.
 */
export class SqliteConnection {
  readonly db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #waiting: (() => void)[] = [];
  #isLocked = false;

  /** @param path a file, or `:memory:` */
  constructor(path: string) {
    this.db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    // WAL lets other processes read while we write; FULL makes a commit survive power loss.
    this.db.exec('PRAGMA journal_mode = WAL');
    this.db.exec('PRAGMA synchronous = FULL');
    this.db.exec('PRAGMA foreign_keys = ON');
    this.db.exec(`PRAGMA cache_size = -${PAGE_CACHE_KIB}`);
    addMatching(this.db);
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

  /** Runs synchronous work on the connection when no transaction is open on it. */
  async exclusively<T>(work: (connection: this) => T): Promise<T> {
    if (!this.#isLocked) return work(this);
    await this.lock();
    try {
      return work(this);
    } finally {
      this.unlock();
    }
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

  /** Runs a statement and returns its rows, if it has any, and how many rows it changed. */
  run(sql: string, parameters: readonly SQLInputValue[]): { rows: object[]; changes: number } {
    const statement = this.prepare(sql);
    if (statement.columns().length > 0) {
      return { rows: statement.all(...parameters), changes: 0 };
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

  close(): void {
    this.#statements.clear();
    this.db.close();
  }
}
