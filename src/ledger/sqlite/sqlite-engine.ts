/**
 * The ledger on SQLite. A batch runs synchronously, as one transaction with one fsync: nothing
 * else can come between its statements. Each command is a handful of prepared statements; every
 * check of a balance is in the statement that changes it.
 */
import type { StatementSync } from 'node:sqlite';
import type { Account, AccountId, Command, Result } from '../../core/ledger.ts';
import { BatchRefused, type LedgerEngine } from '../engine.ts';
import { distribute, grant, openAccount, refund } from './sqlite-bookings.ts';
import { hold, journal, release, settle } from './sqlite-holds.ts';
import {
  type AccountRow,
  first,
  prepareStatements,
  type SqliteStatements,
} from './sqlite-statements.ts';

/** What the engine needs of the connection that it shares with the rest of the store. */
export interface SharedConnection {
  prepare(sql: string): StatementSync;
  /** Runs synchronous work when no transaction of anybody else is open on the connection. */
  exclusively<T>(work: () => T): Promise<T>;
  /** Runs synchronous work as one transaction. */
  transact<T>(work: () => T): T;
}

/** SQLite's result codes for a fault in the commands: too big, constraint, type, range. */
const FOR_WHAT_IS_IN_IT = new Set([18, 19, 20, 25]);

/** The ledger over the connection that the store uses too. */
export class SqliteLedgerEngine implements LedgerEngine {
  readonly #connection: SharedConnection;
  readonly #statements: SqliteStatements;

  /** @param connection to a database whose schema is up to date */
  constructor(connection: SharedConnection) {
    this.#connection = connection;
    this.#statements = prepareStatements((sql) => connection.prepare(sql));
  }

  async apply(commands: readonly Command[]): Promise<Result[]> {
    try {
      return await this.#connection.exclusively(() =>
        this.#connection.transact(() => commands.map((command) => this.#applyOne(command))),
      );
    } catch (error) {
      // The low byte is the code, what is above it says more of it.
      const { errcode = 0 } = error as { errcode?: number };
      if (!FOR_WHAT_IS_IN_IT.has(errcode & 0xff)) throw error;
      throw new BatchRefused('Refused.', { cause: error });
    }
  }

  account(id: AccountId): Promise<Account | undefined> {
    return this.#connection.exclusively(() => {
      const row = first<AccountRow>(this.#statements.readAccount, id);
      return row && { postedCredits: row.posted, heldCredits: row.held };
    });
  }

  #applyOne(command: Command): Result {
    switch (command.kind) {
      case 'hold':
        return hold(this.#statements, command);
      case 'settle':
        return settle(this.#statements, command);
      case 'release':
        return release(this.#statements, command);
      case 'journal':
        return journal(this.#statements, command);
      case 'grant':
        return grant(this.#statements, command);
      case 'distribute':
        return distribute(this.#statements, command);
      case 'refund':
        return refund(this.#statements, command);
      case 'open':
        return openAccount(this.#statements, command);
    }
  }
}
