/** Connections for long reads: apart from everything else, limited in time, never for writing. */

import type { SQLInputValue } from 'node:sqlite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Pool } from 'pg';
import { ChitError } from '../../core/errors.ts';
import { MAX_READ_CONNECTIONS } from './postgres-pool.ts';
import type { Database } from './schema.ts';
import { SqliteReader } from './sqlite-reader.ts';
import { isQueryCanceled } from './unavailable.ts';

/** How long a query of a long read may take. */
export const READ_LIMIT_MS = 5_000;

/**
 * Queries that can take long. They see all that was committed before they begin. A query that takes
 * too long fails with ChitError `read_too_long`; transactions are not possible.
 */
export interface Reads {
  readonly kysely: Kysely<Database>;
  /** How many queries can run at the same time. */
  readonly atOnce: number;
  close(): Promise<void>;
}

/** Reads of an SQLite file, in a thread of their own. */
export function sqliteReads(path: string, limitMs = READ_LIMIT_MS): Reads {
  const reader = new SqliteReader(path, limitMs);
  const dialect: Dialect = {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new ReaderDriver(reader),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
  return { kysely: new Kysely({ dialect }), atOnce: 1, close: () => reader.close() };
}

class ReaderDriver implements Driver {
  readonly #handle: DatabaseConnection;

  constructor(reader: SqliteReader) {
    this.#handle = new ReaderHandle(reader);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#handle;
  }

  beginTransaction(): Promise<void> {
    return noTransactions();
  }

  commitTransaction(): Promise<void> {
    return noTransactions();
  }

  rollbackTransaction(): Promise<void> {
    return noTransactions();
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}
}

async function noTransactions(): Promise<never> {
  throw new Error('A connection for long reads has no transactions.');
}

class ReaderHandle implements DatabaseConnection {
  readonly #reader: SqliteReader;

  constructor(reader: SqliteReader) {
    this.#reader = reader;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const rows = await this.#reader.all(sql, parameters as readonly SQLInputValue[]);
    return { rows: rows as Row[] };
  }

  streamQuery(): never {
    throw new Error('A connection for long reads has no streams.');
  }
}

/** Reads of a PostgreSQL database. @param pool of connections for nothing else */
export function postgresReads(pool: Pool, limitMs = READ_LIMIT_MS): Reads {
  const limited: PostgresPool = {
    connect: () => limitedClient(pool, limitMs),
    // The pool belongs to whoever opened it.
    end: async () => undefined,
    options: pool.options,
  };
  const kysely = new Kysely<Database>({ dialect: new PostgresDialect({ pool: limited }) });
  return { kysely, atOnce: MAX_READ_CONNECTIONS, close: () => kysely.destroy() };
}

/**
 * A connection inside a transaction that only reads, with its own `statement_timeout`
 * (https://www.postgresql.org/docs/current/runtime-config-client.html). SET LOCAL ends with the
 * transaction, also where a pooler gives each transaction another connection.
 */
async function limitedClient(pool: Pool, limitMs: number): Promise<PostgresPoolClient> {
  const client = await pool.connect();
  try {
    const begin = `BEGIN READ ONLY; SET LOCAL statement_timeout = ${limitMs}`;
    await client.query(begin);
  } catch (error) {
    client.release(error as Error);
    throw error;
  }
  const query = async (text: string, parameters: readonly unknown[]) => {
    try {
      return await client.query(text, [...parameters]);
    } catch (error) {
      if (!isQueryCanceled(error)) throw error;
      throw new ChitError('read_too_long', undefined, { cause: error });
    }
  };
  const release = () => {
    client.query('COMMIT').then(
      () => client.release(),
      (error: Error) => client.release(error),
    );
  };
  return { query, release } as unknown as PostgresPoolClient;
}
