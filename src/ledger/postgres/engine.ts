/**
 * The ledger on PostgreSQL: a batch is one call of the function `ledger_apply`, which is one round
 * trip and one transaction (`functions/*-apply.sql`).
 */
import { setTimeout } from 'node:timers/promises';
import type { Account, AccountId, Command, Result } from '../../core/ledger.ts';
import { BatchRefused, type LedgerEngine, OutcomeUnknown } from '../engine.ts';
import { parametersOf } from './parameters.ts';
import { type ResultRow, resultOf } from './results.ts';

/** The part of a connection pool that the engine uses. */
export interface Queries {
  query<Row extends object>(query: {
    readonly name: string;
    readonly text: string;
    readonly values: unknown[];
  }): Promise<{ rows: Row[] }>;
}

const APPLY = 'SELECT * FROM ledger_apply($1, $2, $3, $4, $5, $6, $7, $8, $9)';
const READ_ACCOUNT = 'SELECT posted, held FROM accounts WHERE id = $1';

/** How often a batch is sent at most, and the first delay, which doubles each time. */
const MAX_ATTEMPTS = 6;
const FIRST_DELAY_MS = 20;

/**
 * SQLSTATEs that mean that the batch was not booked and may succeed if it is sent again:
 * serialization failure, deadlock, the server is starting or stopping, too many connections.
 */
const NOT_BOOKED = /^(40001|40P01|57P03|53300)$/;
/** Errors of a connection that could not be made, so nothing was sent. */
const NOT_SENT = /ECONNREFUSED|ENOENT|ENOTFOUND|timeout exceeded when trying to connect/;
/** SQLSTATEs with which the server closes a connection, perhaps after the commit. */
const DISCONNECTED = /^(08...|57P01|57P02)$/;
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** SQLSTATEs caused by the commands themselves: data exceptions and constraint violations. */
const CAUSED_BY_COMMANDS = /^(22|23)...$/;

/** The ledger over the pool of connections that the store uses as well. */
export class PostgresLedgerEngine implements LedgerEngine {
  readonly #queries: Queries;

  constructor(queries: Queries) {
    this.#queries = queries;
  }

  /**
   * If the reply to a commit is lost, the batch is sent again: commands carry the ids of what they
   * create, and give the same results the second time.
   */
  async apply(commands: readonly Command[]): Promise<Result[]> {
    const values = parametersOf(commands);
    const query = { name: 'ledger_apply', text: APPLY, values };
    const { rows } = await this.#retrying(() => this.#queries.query<ResultRow>(query));
    const results = new Array<Result>(commands.length);
    for (const row of rows) {
      const command = commands[row.batch_index];
      if (command) results[row.batch_index] = resultOf(command, row);
    }
    return results;
  }

  async account(id: AccountId): Promise<Account | undefined> {
    const query = { name: 'read_account', text: READ_ACCOUNT, values: [id] };
    const { rows } = await this.#queries.query<{ posted: number; held: number }>(query);
    const [row] = rows;
    return row && { postedCredits: row.posted, heldCredits: row.held };
  }

  async #retrying<T>(attempt: () => Promise<T>): Promise<T> {
    let isOutcomeUnknown = false;
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await attempt();
      } catch (error) {
        const fault = faultOf(error);
        if (fault === 'unknown') isOutcomeUnknown = true;
        if (attempts === MAX_ATTEMPTS || fault === 'final' || fault === 'refused') {
          if (isOutcomeUnknown)
            throw new OutcomeUnknown('No reply from the database.', { cause: error });
          throw fault === 'refused'
            ? new BatchRefused('The database refused the batch.', { cause: error })
            : error;
        }
      }
      await setTimeout(FIRST_DELAY_MS * 2 ** (attempts - 1) * (0.5 + Math.random()));
    }
  }
}

/**
 * `transient`: not booked, may work next time; `unknown`: perhaps booked; `refused`: because of
 * the commands in the batch; `final`: for another reason that will not go away.
 */
function faultOf(error: unknown): 'transient' | 'unknown' | 'refused' | 'final' {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (NOT_BOOKED.test(code) || NOT_SENT.test(`${code} ${message}`)) return 'transient';
  if (DISCONNECTED.test(code) || !SQLSTATE.test(code)) return 'unknown';
  return CAUSED_BY_COMMANDS.test(code) ? 'refused' : 'final';
}
