/** Reads the database of a Django site: the original's users and chats, and Django's superusers. */
import { DatabaseSync } from 'node:sqlite';

/** The file is not there, or is no such database; the message says which. */
export class DjangoSourceError extends Error {}

/** A row of `api_user`. */
export interface DjangoUser {
  readonly id: number;
  readonly username: string;
  readonly password: string;
  /** Anything: SQLite does not keep to the type of a column. */
  readonly tokens: unknown;
}

/** A superuser of `auth_user`. */
export interface DjangoSuperuser {
  readonly username: string;
  readonly password: string;
  readonly isActive: boolean;
}

/** A row of `api_chat`. */
export interface DjangoChat {
  readonly id: number;
  readonly userId: number;
  readonly message: string;
  readonly response: string;
  readonly timestamp: string;
}

/** The database, opened to be read only. */
export class DjangoSource {
  readonly #db: DatabaseSync;
  readonly #tables: ReadonlySet<string>;

  /** @throws DjangoSourceError */
  constructor(path: string) {
    try {
      this.#db = new DatabaseSync(path, { readOnly: true });
      const rows = this.#db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
      this.#tables = new Set(rows.map(({ name }) => String(name)));
    } catch (error) {
      throw new DjangoSourceError(`${path} cannot be read: ${(error as Error).message}`);
    }
    if (this.#tables.has('api_user') && this.#tables.has('api_chat')) return;
    this.#db.close();
    throw new DjangoSourceError(
      `${path} has no tables api_user and api_chat, so it is not the database of such a site.`,
    );
  }

  /** How many users and chats there are. */
  counts(): { users: number; chats: number } {
    const count = (table: string) =>
      Number(this.#db.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count);
    return { users: count('api_user'), chats: count('api_chat') };
  }

  /** A page of users, in the order of their ids. */
  users(afterId: number, limit: number): DjangoUser[] {
    const rows = this.#db
      .prepare(
        `SELECT id, CAST(username AS text) AS username, CAST(password AS text) AS password, tokens
        FROM api_user WHERE id > ? ORDER BY id LIMIT ?`,
      )
      .all(afterId, limit);
    return rows as unknown as DjangoUser[];
  }

  /** Superusers, if the site has Django's own users at all. */
  superusers(): DjangoSuperuser[] {
    if (!this.#tables.has('auth_user')) return [];
    const rows = this.#db
      .prepare('SELECT username, password, is_active FROM auth_user WHERE is_superuser = 1')
      .all();
    return rows.map((row) => ({
      username: String(row.username),
      password: String(row.password),
      isActive: Number(row.is_active) === 1,
    }));
  }

  /** A page of chats, in the order of their ids. */
  chats(afterId: number, limit: number): DjangoChat[] {
    const rows = this.#db
      .prepare(
        `SELECT id, user_id AS "userId", CAST(coalesce(message, '') AS text) AS message,
          CAST(coalesce(response, '') AS text) AS response,
          CAST(coalesce(timestamp, '') AS text) AS timestamp
        FROM api_chat WHERE id > ? ORDER BY id LIMIT ?`,
      )
      .all(afterId, limit);
    return rows as unknown as DjangoChat[];
  }

  close(): void {
    this.#db.close();
  }
}
