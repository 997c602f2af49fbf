/** What is in the database of a test, read past the program. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

type Row = Record<string, string | number | null>;

/** The database file of a folder that a server or a command worked in. */
export function databasePath(folder: string): string {
  return join(folder, 'data/chit.db');
}

/** The rows of a query. */
export function query(folder: string, sql: string, ...parameters: (string | number)[]): Row[] {
  const database = new DatabaseSync(databasePath(folder), { readOnly: true, timeout: 5_000 });
  try {
    return database
      .prepare(sql)
      .all(...parameters)
      .map((row) => ({ ...row }) as Row);
  } finally {
    database.close();
  }
}

/** How much of everything there is. */
export function stored(folder: string): Row {
  const [row] = query(
    folder,
    `SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM messages) AS messages,
      (SELECT count(*) FROM transfers) AS transfers, (SELECT count(*) FROM holds) AS holds,
      (SELECT count(*) FROM refresh_tokens) AS refreshTokens,
      (SELECT coalesce(sum(posted), 0) FROM accounts) AS posted,
      (SELECT coalesce(sum(held), 0) FROM accounts) AS held`,
  );
  return row as Row;
}

/** Runs something and asserts that it stored, charged and signed up nothing. */
export async function storingNothing<T>(folder: string, act: () => Promise<T>): Promise<T> {
  const before = stored(folder);
  const result = await act();
  assert.deepEqual(stored(folder), before);
  return result;
}
