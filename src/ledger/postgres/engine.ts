/**
 * The ledger on PostgreSQL: a batch is one call of the function `ledger_apply_0013`, which is one
 * round trip and one transaction (`functions/*-apply.sql`).
 */
import { hash, randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Account, AccountId, Command, Result } from '../../core/ledger.ts';
import { BatchRefused, type LedgerEngine, OutcomeUnknown, RowsLocked } from '../engine.ts';
import { parametersOf } from './parameters.ts';
import { type ResultRow, resultOf } from './results.ts';

/** The part of a connection pool that the engine uses. */
export interface Queries {
  query<Row extends object>(query: {
    /** Prepares the statement under this name on the connection, or uses what has it. */
    readonly name?: string;
    readonly text: string;
    readonly values: unknown[];
  }): Promise<{ rows: Row[] }>;
}

/** How the engine does its work. */
export interface PostgresEngineOptions {
  /** Connections for batches that take long; the same ones if not given. */
  readonly long?: Queries;
  /** How long a batch waits for a lock that somebody else holds. */
  readonly lockMs?: number;
  /** Whether the sessions of `queries` have that limit already. */
  readonly isLockLimited?: boolean;
}

const APPLY = 'SELECT * FROM ledger_apply_0013($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)';
/**
 * The same with a limit of its own, which ends with the transaction: behind PgBouncer a setting of
 * the session would reach whoever uses the connection next. The CASE makes the function wait for
 * the setting. It costs about 30 µs.
 */
const APPLY_WITH_LOCK_LIMIT = `SELECT batch.*
FROM set_config('lock_timeout', $1, true) AS setting (lock_timeout),
  LATERAL ledger_apply_0013(CASE WHEN setting.lock_timeout IS NOT NULL THEN $2::bigint[] END,
    $3, $4, $5, $6, $7, $8, $9, $10, $11) AS batch`;
/**
 * One message with both statements, which is one transaction: a standby, or a database that is
 * otherwise read-only, refuses it (25006). Each has a key of its own, since servers do not wait
 * for each other.
 */
const probeOf = (key: string) => `INSERT INTO idempotency_keys
  (scope, key, body_hash, made_id, created_at) VALUES ('probe', '${key}', '', 'probe', 0);
DELETE FROM idempotency_keys WHERE scope = 'probe' AND key = '${key}'`;
const READ_ACCOUNT = 'SELECT posted, held FROM accounts WHERE id = $1';
/** Locks those that are free, until the end of this very statement. */
const LOCKED_AMONG = `WITH free AS MATERIALIZED (
  SELECT id FROM accounts WHERE id = ANY ($1) FOR UPDATE SKIP LOCKED
)
SELECT id FROM accounts WHERE id = ANY ($1) AND id NOT IN (SELECT id FROM free)`;

const BATCHES_AT_ONCE = 4;
const DEFAULT_LOCK_MS = 1_000;
/** For what is sent again after a lock was found. */
const BRIEF_LOCK_MS = 50;
/** A distribution to more accounts than this may take longer than other batches. */
const LONG_DISTRIBUTION = 500;

/** How often a batch is sent at most, and the first delay, which doubles each time. */
const MAX_ATTEMPTS = 6;
const FIRST_DELAY_MS = 20;
/** No attempt begins later than this after the first one. */
const RETRY_FOR_MS = 4_000;

/**
 * SQLSTATEs that mean that the batch was not booked and may succeed if it is sent again:
 * serialization failure, deadlock, the server is starting or stopping, too many connections. One
 * that only reads (25006) may have been replaced by one that writes.
 */
const NOT_BOOKED = /^(40001|40P01|57P03|53300|25006)$/;
/** Errors of a connection that could not be made, so nothing was sent. */
const NOT_SENT =
  /ECONNREFUSED|ENOENT|ENOTFOUND|timeout exceeded when trying to connect|connection timeout/;
/** SQLSTATEs with which the server closes a connection, perhaps after the commit. */
const DISCONNECTED = /^(08...|57P01|57P02)$/;
const SQLSTATE = /^[0-9A-Z]{5}$/;
const LOCK_TIMEOUT = '55P03';
/** SQLSTATEs of prepared statements that are unknown on this connection, or there already. */
const NOT_PREPARED = /^(26000|42P05)$/;
/** SQLSTATEs caused by the commands themselves: data exceptions and constraint violations. */
const CAUSED_BY_COMMANDS = /^(22|23)...$/;

/** The ledger over the pool of connections that the store uses as well. */
export class PostgresLedgerEngine implements LedgerEngine {
  readonly batchesAtOnce = BATCHES_AT_ONCE;
  readonly #queries: Queries;
  readonly #long: Queries;
  readonly #lockMs: number;
  readonly #isLockLimited: boolean;
  #canPrepare = true;

  constructor(queries: Queries, options: PostgresEngineOptions = {}) {
    this.#queries = queries;
    this.#long = options.long ?? queries;
    this.#lockMs = options.lockMs ?? DEFAULT_LOCK_MS;
    this.#isLockLimited = options.isLockLimited ?? false;
  }

  /**
   * If the reply to a commit is lost, the batch is sent again: commands carry the ids of what they
   * create, and give the same results the second time.
   */
  async apply(
    commands: readonly Command[],
    lockWait: 'as configured' | 'briefly' = 'as configured',
  ): Promise<Result[]> {
    if (commands.length === 0) {
      const text = probeOf(randomUUID());
      await this.#retrying(() => this.#queries.query({ text, values: [] }));
      return [];
    }
    const isLongBatch = commands.some(isLong);
    const queries = isLongBatch ? this.#long : this.#queries;
    const parameters = parametersOf(commands);
    const isLimited =
      this.#isLockLimited && this.#canPrepare && !isLongBatch && lockWait !== 'briefly';
    const lockMs = lockWait === 'briefly' ? BRIEF_LOCK_MS : this.#lockMs;
    const [text, values] = isLimited
      ? [APPLY, parameters]
      : [APPLY_WITH_LOCK_LIMIT, [String(lockMs), ...parameters]];
    const rows = await this.#retrying(() => this.#prepared<ResultRow>(queries, text, values));
    const results = new Array<Result>(commands.length);
    for (const row of rows) {
      const command = commands[row.batch_index];
      if (command) results[row.batch_index] = resultOf(command, row);
    }
    return results;
  }

  async account(id: AccountId): Promise<Account | undefined> {
    const [row] = await this.#prepared<{ posted: number; held: number }>(
      this.#queries,
      READ_ACCOUNT,
      [id],
    );
    return row && { postedCredits: row.posted, heldCredits: row.held };
  }

  async lockedAmong(ids: readonly AccountId[]): Promise<AccountId[]> {
    const query = { text: LOCKED_AMONG, values: [ids] };
    const { rows } = await this.#queries.query<{ id: AccountId }>(query);
    return rows.map(({ id }) => id);
  }

  /**
   * Runs a statement that its connection parses and plans once. If a pooler gives each transaction
   * another connection (PgBouncer before 1.21, or with `max_prepared_statements = 0`), the
   * connection may not know the statement, or know it already. Nothing was carried out then, so it
   * is sent without a name, and so are all others from now on.
   */
  async #prepared<Row extends object>(
    queries: Queries,
    text: string,
    values: unknown[],
  ): Promise<Row[]> {
    if (this.#canPrepare) {
      try {
        return (await queries.query<Row>({ name: nameOf(text), text, values })).rows;
      } catch (error) {
        if (!NOT_PREPARED.test((error as { code?: string }).code ?? '')) throw error;
        this.#canPrepare = false;
      }
    }
    return (await queries.query<Row>({ text, values })).rows;
  }

  async #retrying<T>(attempt: () => Promise<T>): Promise<T> {
    let isOutcomeUnknown = false;
    const startedMs = performance.now();
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await attempt();
      } catch (error) {
        const fault = faultOf(error);
        if (fault === 'unknown') isOutcomeUnknown = true;
        const isOver = attempts === MAX_ATTEMPTS || performance.now() - startedMs > RETRY_FOR_MS;
        if (isOver || !(fault === 'transient' || fault === 'unknown')) {
          throw isOutcomeUnknown
            ? new OutcomeUnknown('No reply from the database.', { cause: error })
            : errorFor(fault, error);
        }
      }
      await setTimeout(FIRST_DELAY_MS * 2 ** (attempts - 1) * (0.5 + Math.random()));
    }
  }
}

type Fault = 'transient' | 'unknown' | 'locked' | 'refused' | 'final';

/**
 * `transient`: not booked, may work next time; `unknown`: perhaps booked; `locked`: not booked,
 * since somebody else holds a lock; `refused`: because of the commands in the batch; `final`: for
 * another reason that will not go away.
 */
function faultOf(error: unknown): Fault {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (NOT_BOOKED.test(code) || NOT_SENT.test(`${code} ${message}`)) return 'transient';
  if (code === LOCK_TIMEOUT) return 'locked';
  if (DISCONNECTED.test(code) || !SQLSTATE.test(code)) return 'unknown';
  return CAUSED_BY_COMMANDS.test(code) ? 'refused' : 'final';
}

function errorFor(fault: Fault, cause: unknown): unknown {
  if (fault === 'refused') return new BatchRefused('The database refused the batch.', { cause });
  return fault === 'locked' ? new RowsLocked('A row is locked.', { cause }) : cause;
}

function isLong(command: Command): boolean {
  return command.kind === 'distribute' && command.entries.length > LONG_DISTRIBUTION;
}

const names = new Map<string, string>();

/** The name of a statement: another text, such as that of another version, has another name. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `chit_${hash('sha256', text).slice(0, 16)}`;
    names.set(text, name);
  }
  return name;
}
