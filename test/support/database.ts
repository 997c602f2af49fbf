/** Reads the database of a test directly. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { databaseOf } from './server.ts';

type Row = Record<string, string | number | null>;

/** The SQLite file in the working directory of a server or a command. */
export function databasePath(folder: string): string {
  return join(folder, 'data/chit.db');
}

/** The rows of a query. Parameters stand as `?` in it. */
export async function query(
  folder: string,
  sql: string,
  ...parameters: (string | number)[]
): Promise<Row[]> {
  const url = await databaseOf(folder);
  return url.startsWith('sqlite:')
    ? queryFile(databasePath(folder), sql, parameters)
    : queryServer(url, sql, parameters);
}

function queryFile(path: string, sql: string, parameters: (string | number)[]): Row[] {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  try {
    const rows = database.prepare(sql).all(...parameters);
    return rows.map((row) => ({ ...row }) as Row);
  } finally {
    database.close();
  }
}

async function queryServer(url: string, sql: string, parameters: unknown[]): Promise<Row[]> {
  let count = 0;
  const numbered = sql.replace(/\?/g, () => {
    count += 1;
    return `$${count}`;
  });
  const { rows, fields } = await poolOf(url).query<Row>(numbered, parameters);
  const integers = fields.filter(({ dataTypeID }) => INTEGERS.includes(dataTypeID));
  for (const row of rows) {
    for (const { name } of integers) row[name] = row[name] === null ? null : Number(row[name]);
  }
  return rows;
}

const pools = new Map<string, pg.Pool>();

/**
 * A connection that is kept for a second, since opening one takes much longer than a query and some
 * tests ask hundreds of times.
 */
function poolOf(url: string): pg.Pool {
  const known = pools.get(url);
  if (known) return known;
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    idleTimeoutMillis: 1_000,
    allowExitOnIdle: true,
  });
  // Tests also stop the server; the next query then connects again.
  pool.on('error', () => undefined);
  pools.set(url, pool);
  return pool;
}

/** OIDs of bigint and numeric, which the driver returns as text. */
const INTEGERS = [20, 1700];

/** Counts and sums of what is stored. */
export async function stored(folder: string): Promise<Row> {
  const [row] = await query(
    folder,
    `SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM messages) AS messages,
      (SELECT count(*) FROM transfers) AS transfers, (SELECT count(*) FROM holds) AS holds,
      (SELECT count(*) FROM refresh_tokens) AS "refreshTokens",
      (SELECT coalesce(sum(posted), 0) FROM accounts) AS posted,
      (SELECT coalesce(sum(held), 0) FROM accounts) AS held`,
  );
  return row as Row;
}

/** Asserts that something stores, charges and signs up nothing; returns its result. */
export async function storingNothing<T>(folder: string, act: () => Promise<T>): Promise<T> {
  const before = await stored(folder);
  const result = await act();
  assert.deepEqual(await stored(folder), before);
  return result;
}
