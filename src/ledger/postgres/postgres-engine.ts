/**
 * The ledger on PostgreSQL: a batch is one call of the function `ledger_apply`, which is one round
 * trip and one transaction (`store/postgres-ledger-function.ts`).
 */
import type { Account, AccountId, Command, Result } from '../../core/ledger.ts';
import { BatchRefused, type LedgerEngine, OutcomeUnknown } from '../engine.ts';
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

const APPLY = 'SELECT * FROM ledger_apply($1, $2, $3, $4, $5, $6, $7, $8, $9)';
const READ_ACCOUNT = 'SELECT posted, held FROM accounts WHERE id = $1';

/** How often a batch is sent again, and after how long. */
const TRIES = 6;
const FIRST_PAUSE_MS = 20;

/**
 * SQLSTATEs after which the same batch may succeed and which say that it was not booked:
 * serialization failure, deadlock, the server is starting or stopping, too many connections.
 */
const NOT_BOOKED = /^(40001|40P01|57P03|53300)$/;
/** What is said when no connection could be made, so nothing was sent. */
const NOT_SENT = /ECONNREFUSED|ENOENT|ENOTFOUND|timeout exceeded when trying to connect/;
/** SQLSTATEs by which the server ends a connection, perhaps after the commit. */
const CUT_OFF = /^(08...|57P01|57P02)$/;
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** SQLSTATEs that find fault with what is in the commands: a value, or a constraint. */
const FOR_WHAT_IS_IN_IT = /^(22|23)...$/;

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
    let isOutcomeUnknown = false;
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        const fault = faultOf(error);
        if (fault === 'unknown') isOutcomeUnknown = true;
        if (tries === TRIES || fault === 'final' || fault === 'refused') {
          if (isOutcomeUnknown) throw new OutcomeUnknown('No answer came.', { cause: error });
          throw fault === 'refused' ? new BatchRefused('Refused.', { cause: error }) : error;
        }
      }
      const pauseMs = FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.5 + Math.random());
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

/**
 * `passing`: not booked, may work next time; `unknown`: perhaps booked; `refused`: for what is in
 * the batch; `final`: for another reason that will last.
 */
function faultOf(error: unknown): 'passing' | 'unknown' | 'refused' | 'final' {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (NOT_BOOKED.test(code) || NOT_SENT.test(`${code} ${message}`)) return 'passing';
  if (CUT_OFF.test(code) || !SQLSTATE.test(code)) return 'unknown';
  return FOR_WHAT_IS_IN_IT.test(code) ? 'refused' : 'final';
}
