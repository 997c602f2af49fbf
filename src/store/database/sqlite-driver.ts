/** Kysely on `node:sqlite`: the small part that Kysely leaves to whoever brings the database. */

import type { SQLInputValue } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type TransactionSettings,
} from 'kysely';
import type { SqliteConnection } from './sqlite-connection.ts';

/** A Kysely dialect over a connection that others use too; Kysely does not close it. */
export function sqliteDialect(connection: SqliteConnection): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => new SqliteDriver(connection),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/**
 * Runs a migration and the note that it was run as one transaction, which SQLite can, although
 * Kysely does not count on it. Of several processes that start at once one migrates, the others
 * wait for it and find that it is done.
 */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }

  /**
   * The driver takes turns itself: while a statement waits for another process that writes, others
   * may read. Kysely's own lock would make them wait too.
   */
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class SqliteDriver implements Driver {
  readonly #connection: SqliteConnection;
  readonly #handle: DatabaseConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    this.#handle = new SqliteHandle(connection);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    await this.#connection.lock();
    return this.#handle;
  }

  async releaseConnection(): Promise<void> {
    this.#connection.unlock();
  }

  // Not plain BEGIN: a transaction that first reads and then writes would fail at the write if
  // another process had written in between. One that only reads must not keep others from writing.
  async beginTransaction(
    handle: DatabaseConnection,
    { accessMode }: TransactionSettings,
  ): Promise<void> {
    const begin = accessMode === 'read only' ? 'BEGIN' : 'BEGIN IMMEDIATE';
    await handle.executeQuery(CompiledQuery.raw(begin));
  }

  async commitTransaction(handle: DatabaseConnection): Promise<void> {
    await handle.executeQuery(CompiledQuery.raw('COMMIT'));
  }

  async rollbackTransaction(): Promise<void> {
    if (this.#connection.db.isTransaction) {
      this.#connection.run('ROLLBACK', []);
    }
  }

  async destroy(): Promise<void> {}
}

class SqliteHandle implements DatabaseConnection {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const parameters = query.parameters as readonly SQLInputValue[];
    const { rows, changes } = await this.#connection.attempt(() =>
      this.#connection.run(query.sql, parameters),
    );
    return { rows: rows as Row[], numAffectedRows: BigInt(changes) };
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    const parameters = query.parameters as readonly SQLInputValue[];
    for (const row of this.#connection.prepare(query.sql).iterate(...parameters)) {
      yield { rows: [row as Row] };
    }
  }
}
