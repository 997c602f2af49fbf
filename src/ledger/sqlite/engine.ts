/**
 * The ledger on SQLite. A batch runs synchronously, as one transaction with one fsync: nothing
 * else runs between its statements. Each command is a handful of prepared statements; every
 * check of a balance is in the statement that changes it.
 */
import type { StatementSync } from 'node:sqlite';
import type { Account, AccountId, Command, Result } from '../../core/ledger.ts';
import { BatchRefused, type LedgerEngine } from '../engine.ts';
import { distribute, grant, openAccount, refund } from './bookings.ts';
import { hold, journal, release, settle } from './holds.ts';
import { assignPlan, redeem, renew } from './plans.ts';
import { type AccountRow, first, prepareStatements, type SqliteStatements } from './statements.ts';

/** The part of the connection that the engine uses; the store uses the same one. */
export interface SharedConnection {
  prepare(sql: string): StatementSync;
  /** Runs synchronous work when nobody else has a transaction open on the connection. */
  exclusively<T>(work: () => T): Promise<T>;
  /** Runs synchronous work as one transaction. */
  transact<T>(work: () => T): T;
}

/** About as much as a message: a disk that has no place for it has none for a hold either. */
const PROBE = 'x'.repeat(16_384);
const WRITE_PROBE = `INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
VALUES ('probe', 'probe', ?, 'probe', 0)`;
const REMOVE_PROBE = "DELETE FROM idempotency_keys WHERE scope = 'probe'";

/** SQLite's result codes for faults in the commands: too big, constraint, type, range. */
const CAUSED_BY_COMMANDS = new Set([18, 19, 20, 25]);

/** The ledger over the connection that the store uses as well. */
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
        this.#connection.transact(() => {
          if (commands.length === 0) this.#probe();
          return commands.map((command) => this.#applyOne(command));
        }),
      );
    } catch (error) {
      // The low byte is the primary result code.
      const { errcode = 0 } = error as { errcode?: number };
      if (!CAUSED_BY_COMMANDS.has(errcode & 0xff)) throw error;
      throw new BatchRefused('The database refused the batch.', { cause: error });
    }
  }

  account(id: AccountId): Promise<Account | undefined> {
    return this.#connection.exclusively(() => {
      const row = first<AccountRow>(this.#statements.readAccount, id);
      return row && { postedCredits: row.posted, heldCredits: row.held };
    });
  }

  /** Without a write the database would not look whether the disk has space. */
  #probe(): void {
    this.#connection.prepare(WRITE_PROBE).run(PROBE);
    this.#connection.prepare(REMOVE_PROBE).run();
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
      case 'assign_plan':
        return assignPlan(this.#statements, command);
      case 'renew':
        return renew(this.#statements, command);
      case 'redeem':
        return redeem(this.#statements, command);
      case 'open':
        return openAccount(this.#statements, command);
    }
  }
}
