/** Reads the database of a Django site: the original's users and chats, and Django's superusers. */
import { statSync } from 'node:fs';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';

/** The file does not exist, cannot be read, or is not such a database; the message says which. */
export class DjangoSourceError extends Error {}

/** A row of `api_user`. */
export interface DjangoUser {
  readonly id: bigint;
  readonly username: string;
  readonly password: string;
  /** Anything: SQLite does not enforce column types. */
  readonly tokens: unknown;
}

/** A superuser of `auth_user`. */
export interface DjangoSuperuser {
  readonly id: bigint;
  readonly username: string;
  readonly password: string;
  readonly isActive: boolean;
}

/** A row of `api_chat`. */
export interface DjangoChat {
  readonly id: bigint;
  /** Usually the id of a user, but SQLite does not enforce it. */
  readonly userId: unknown;
  readonly message: string;
  readonly response: string;
  readonly timestamp: string;
}

/** The columns that are read; a site without Django's own users has no `auth_user`. */
const COLUMNS = {
  api_user: ['id', 'username', 'password', 'tokens'],
  api_chat: ['id', 'user_id', 'message', 'response', 'timestamp'],
  auth_user: ['id', 'username', 'password', 'is_superuser', 'is_active'],
} as const;

const SMALLEST_ID = -(2n ** 63n);

/** The database, opened read-only. */
export class DjangoSource {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #tables: ReadonlySet<string>;

  /** @throws DjangoSourceError */
  constructor(path: string) {
    this.#path = path;
    const file = statSync(path, { throwIfNoEntry: false });
    if (!file) throw new DjangoSourceError(`${path} cannot be read: there is no such file.`);
    if (!file.isFile()) throw new DjangoSourceError(`${path} cannot be read: it is no file.`);
    this.#db = this.#reading(() => new DatabaseSync(path, { readOnly: true }));
    try {
      const rows = this.#all("SELECT lower(name) AS name FROM sqlite_schema WHERE type = 'table'");
      this.#tables = new Set(rows.map(({ name }) => String(name)));
      this.#checkTables();
      this.#checkIds();
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** Reports everything that is missing before anything is read. */
  #checkTables(): void {
    if (!this.#tables.has('api_user') || !this.#tables.has('api_chat')) {
      throw new DjangoSourceError(
        `${this.#path} has no tables api_user and api_chat, so it is no database of such a site.`,
      );
    }
    const missing = Object.entries(COLUMNS).flatMap(([table, columns]) => {
      if (!this.#tables.has(table)) return [];
      const rows = this.#all('SELECT lower(name) AS name FROM pragma_table_xinfo(?)', table);
      const names = new Set(rows.map(({ name }) => name));
      return columns.filter((column) => !names.has(column)).map((column) => `${table}.${column}`);
    });
    if (missing.length === 0) return;
    const what = missing.length === 1 ? 'the column' : 'the columns';
    throw new DjangoSourceError(`${this.#path} lacks ${what} ${missing.join(', ')}.`);
  }

  /**
   * Without a primary key an id can be that of several rows, of which only one could be imported,
   * and nobody can say which.
   */
  #checkIds(): void {
    for (const table of ['api_user', 'api_chat'] as const) {
      const [columns] = this.#all('SELECT sum(pk) AS keys FROM pragma_table_info(?)', table);
      if (Number(columns?.keys) > 0) continue;
      const [row] = this.#all(`SELECT count(id) - count(DISTINCT id) AS repeated FROM ${table}`);
      const repeated = Number(row?.repeated);
      if (repeated === 0) continue;
      throw new DjangoSourceError(
        `${this.#path}: ${table} has no primary key, and ${repeated} of its rows have an id that ` +
          'another row has. Nothing was imported. Give each row an id of its own, or delete rows ' +
          'that are there twice.',
      );
    }
  }

  /**
   * How many users and chats there are.
   * @throws DjangoSourceError as all reading methods do
   */
  counts(): { users: number; chats: number } {
    const [row] = this.#all(`SELECT (SELECT count(*) FROM api_user) AS users,
      (SELECT count(*) FROM api_chat) AS chats`);
    return { users: Number(row?.users), chats: Number(row?.chats) };
  }

  /** Users in the order of their ids, page by page. */
  users(limit: number): Generator<DjangoUser[]> {
    return this.#pages(
      `SELECT id, coalesce(CAST(username AS text), '') AS username,
        coalesce(CAST(password AS text), '') AS password, tokens FROM api_user`,
      limit,
    );
  }

  /** Superusers in the order of their ids, if the site has Django's own users at all. */
  superusers(): DjangoSuperuser[] {
    if (!this.#tables.has('auth_user')) return [];
    const rows = this.#all(
      `SELECT id, coalesce(CAST(username AS text), '') AS username,
        coalesce(CAST(password AS text), '') AS password, is_active = 1 AS "isActive"
      FROM auth_user WHERE is_superuser = 1 ORDER BY id`,
    );
    return rows.map((row) => ({ ...row, isActive: row.isActive === 1n }) as DjangoSuperuser);
  }

  /** Chats in the order of their ids, page by page. */
  chats(limit: number): Generator<DjangoChat[]> {
    return this.#pages(
      `SELECT id, user_id AS "userId", coalesce(CAST(message AS text), '') AS message,
        coalesce(CAST(response AS text), '') AS response,
        coalesce(CAST(timestamp AS text), '') AS timestamp FROM api_chat`,
      limit,
    );
  }

  close(): void {
    this.#db.close();
  }

  *#pages<Row extends { readonly id: bigint }>(select: string, limit: number): Generator<Row[]> {
    const sql = `${select} WHERE typeof(id) = 'integer' AND id > ? ORDER BY id LIMIT ?`;
    for (let afterId = SMALLEST_ID; ; ) {
      const page = this.#all(sql, afterId, limit) as unknown as Row[];
      const last = page.at(-1);
      if (!last) return;
      yield page;
      afterId = last.id;
    }
  }

  /** Integers are returned as `bigint`, since those of SQLite can exceed 2^53. */
  #all(
    sql: string,
    ...parameters: (bigint | number | string)[]
  ): Readonly<Record<string, SQLOutputValue>>[] {
    return this.#reading(() => {
      const statement = this.#db.prepare(sql);
      statement.setReadBigInts(true);
      return statement.all(...parameters);
    });
  }

  #reading<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw new DjangoSourceError(`${this.#path} cannot be read: ${(error as Error).message}.`);
    }
  }
}
