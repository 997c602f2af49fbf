/**
 * The ledger on PostgreSQL: a batch is one call of the function `ledger_apply`, which is one round
 * trip and one transaction (`store/postgres-ledger-function.ts`).
 */
import type { Account, AccountId, Command, Result } from '../core/ledger.ts';
import type { LedgerEngine } from './engine.ts';
import { parametersOf } from './postgres-parameters.ts';
import { type ResultRow, resultOf } from './postgres-results.ts';

/** What the engine needs of a pool of connections. */
export interface Queries {
  query<Row extends object>(query: {
    readonly name: string;
    readonly text: string;
    readonly values: unknown[];
  }): Promise<{ rows: Row[] }>;
}

const APPLY = 'SELECT * FROM ledger_apply($1, $2, $3, $4, $5, $6, $7, $8)';
const READ_ACCOUNT = 'SELECT posted, held FROM accounts WHERE id = $1';

/** How often a batch is sent again, and after how long. */
const TRIES = 6;
const FIRST_PAUSE_MS = 20;

/**
 * SQLSTATE classes and codes after which the same batch may succeed: 08 connection lost,
 * 40001 serialization failure, 40P01 deadlock, 57P01 to 57P03 the server stops or starts.
 */
const PASSING_FAULT = /^(08...|40001|40P01|57P0[123])$/;
/** What a socket says when the other side is gone. */
const LOST_CONNECTION = /ECONNRESET|ECONNREFUSED|EPIPE|terminat|Connection ended|timeout/i;

/** The ledger over a pool of connections that the store uses too. */
export class PostgresLedgerEngine implements LedgerEngine {
  readonly #queries: Queries;

  constructor(queries: Queries) {
    this.#queries = queries;
  }

  /**
   * A commit whose answer was lost is simply sent again: the commands carry the ids of what they
   * make, and answer a second time as they did at first.
   */
  async apply(commands: readonly Command[]): Promise<Result[]> {
    const values = parametersOf(commands);
    const query = { name: 'ledger_apply', text: APPLY, values };
    const { rows } = await this.#untilItPasses(() => this.#queries.query<ResultRow>(query));
    const results = new Array<Result>(commands.length);
    for (const row of rows) {
      const command = commands[row.place];
      if (command) results[row.place] = resultOf(command, row);
    }
    return results;
  }

  async account(id: AccountId): Promise<Account | undefined> {
    const query = { name: 'read_account', text: READ_ACCOUNT, values: [id] };
    const { rows } = await this.#queries.query<{ posted: number; held: number }>(query);
    const [row] = rows;
    return row && { postedCredits: row.posted, heldCredits: row.held };
  }

  async #untilItPasses<T>(attempt: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (tries === TRIES || !isPassing(error)) throw error;
        const pauseMs = FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.5 + Math.random());
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }
}

function isPassing(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  return PASSING_FAULT.test(code) || LOST_CONNECTION.test(`${code} ${message}`);
}
