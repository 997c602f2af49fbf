/** Databases as the Django site creates them. */
import { pbkdf2Sync } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

const TABLES = `
  CREATE TABLE api_user (
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    username varchar(50) NOT NULL UNIQUE,
    password varchar(128) NOT NULL,
    tokens integer NOT NULL
  );
  CREATE TABLE api_chat (
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    message text NOT NULL,
    response text NOT NULL,
    timestamp datetime NOT NULL,
    user_id bigint NOT NULL REFERENCES api_user (id) DEFERRABLE INITIALLY DEFERRED
  );
  CREATE INDEX api_chat_user_id_0b9d5c33 ON api_chat (user_id);
  CREATE TABLE auth_user (
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    password varchar(128) NOT NULL,
    last_login datetime NULL,
    is_superuser bool NOT NULL,
    username varchar(150) NOT NULL UNIQUE,
    last_name varchar(150) NOT NULL,
    email varchar(254) NOT NULL,
    is_staff bool NOT NULL,
    is_active bool NOT NULL,
    date_joined datetime NOT NULL,
    first_name varchar(150) NOT NULL
  );`;

/** A new file with the tables, open to be filled. */
export function newDjangoDatabase(path: string): DatabaseSync {
  // SQLite checks foreign keys only if it is told to. Django tells it; other programs may not.
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  db.exec(TABLES);
  return db;
}

/** A password hash in Django's format. */
export function djangoHash(password: string, iterations = 1_000, salt = 'seasalt'): string {
  const hash = pbkdf2Sync(password, salt, iterations, 32, 'sha256').toString('base64');
  return `pbkdf2_sha256$${iterations}$${salt}$${hash}`;
}

/** Adds somebody of the site. */
export function addDjangoUser(
  db: DatabaseSync,
  user: {
    id: number | bigint;
    /** Also bytes that are no text, which SQLite accepts. */
    username: string | Uint8Array;
    password: string;
    tokens: number | bigint | string;
  },
): void {
  const { id, username, password, tokens } = user;
  const statement = db.prepare('INSERT INTO api_user VALUES (?, ?, ?, ?)');
  // The row's id, which may exceed what a number can hold exactly.
  statement.setReadBigInts(true);
  statement.run(id, username, password, tokens);
}

/** Adds a chat message. */
export function addDjangoChat(
  db: DatabaseSync,
  chat: {
    id: number | bigint;
    userId: number;
    message: string;
    response?: string;
    timestamp: string | number;
  },
): void {
  const { id, userId, message, response = 'An answer.', timestamp } = chat;
  const statement = db.prepare('INSERT INTO api_chat VALUES (?, ?, ?, ?, ?)');
  statement.setReadBigInts(true);
  statement.run(id, message, response, timestamp, userId);
}

/** Adds one of Django's own users. */
export function addDjangoSuperuser(
  db: DatabaseSync,
  user: { username: string; password: string; isActive?: boolean; isSuperuser?: boolean },
): void {
  const { username, password, isActive = true, isSuperuser = true } = user;
  db.prepare(
    `INSERT INTO auth_user (password, last_login, is_superuser, username, last_name, email,
      is_staff, is_active, date_joined, first_name)
    VALUES (?, NULL, ?, ?, '', '', 1, ?, '2024-01-01 00:00:00', '')`,
  ).run(password, isSuperuser ? 1 : 0, username, isActive ? 1 : 0);
}

/** Users of these numbers, `user 1` with 1 token and so on, and their chats in turn. */
export function fillDjangoDatabase(
  db: DatabaseSync,
  { users, chats }: { readonly users: number; readonly chats: number },
): void {
  const password = djangoHash('x');
  db.exec('BEGIN');
  for (let id = 1; id <= users; id += 1) {
    addDjangoUser(db, { id, username: `user ${id}`, password, tokens: id });
  }
  for (let id = 1; id <= chats; id += 1) {
    const timestamp = '2024-05-06 07:08:09';
    addDjangoChat(db, { id, userId: 1 + (id % users), message: `message ${id}`, timestamp });
  }
  db.exec('COMMIT');
}
