import pg from 'pg';
import { HostsPool } from './hosts-pool.ts';
import { postgresAddress } from './postgres-url.ts';
import { type AskLimits, destroySilentConnections } from './silent-connections.ts';

const MAX_CONNECTIONS = 10;
/** Work without a user who waits for it runs beside requests, on connections of its own. */
const MAX_LONG_CONNECTIONS = 3;
/** Searches, reports and exports, which users wait for, and which must not hold up others. */
export const MAX_READ_CONNECTIONS = 2;
/** Short, so that requests are refused rather than queued while the database is unreachable. */
const CONNECT_TIMEOUT_MS = 2_000;
/** How long a query on the connections for long work may take. */
const LONG_QUERY_MS = 600_000;
/** For queries that may take minutes. */
const ASK: AskLimits = { afterMs: 5_000, timeoutMs: 2_000 };
/** How long a transaction may wait for us before the server ends it and frees its locks. */
const IDLE_TRANSACTION_MS = 10_000;
/** After so long without traffic the operating system checks that the other side is there. */
const KEEPALIVE_AFTER_MS = 10_000;
/** OID of bigint, which the driver returns as text since it can exceed 2^53. */
const INT8_OID = 20;
/** PgBouncer's refusal of parameters that it does not pass on (`ignore_startup_parameters`). */
const PARAMETER_REFUSED = /unsupported startup parameter/;

/** In milliseconds. */
const LOCK_TIMEOUT = "SELECT setting FROM pg_settings WHERE name = 'lock_timeout'";

/** How long PostgreSQL may take, in milliseconds. */
export interface DatabaseLimits {
  /** For one query. */
  readonly queryMs: number;
  /** For a lock that somebody else holds. */
  readonly lockMs: number;
}

export const DEFAULT_LIMITS: DatabaseLimits = { queryMs: 3_000, lockMs: 1_000 };

/**
 * Connections to a PostgreSQL database, on which 64-bit integers are numbers.
 *
 * The limits are parameters of the session (`statement_timeout`, `lock_timeout`), which the server
 * enforces. If no byte arrives for a little longer than a query may take, the connection is dead
 * and is destroyed: the query on it fails with `ETIMEDOUT`, and the next one gets a new connection.
 */
export function openPool(url: string, { queryMs, lockMs }: DatabaseLimits): pg.Pool {
  return newPool(url, MAX_CONNECTIONS, queryMs, lockMs);
}

/**
 * As `openPool`, for what takes long: migrations, verifying, sums, imports. The silence of such a
 * query says little, so after a while the database is asked whether it is still running.
 */
export function openLongPool(url: string, ask = ASK): pg.Pool {
  return newPool(url, MAX_LONG_CONNECTIONS, LONG_QUERY_MS, LONG_QUERY_MS, ask);
}

/** As `openPool`, for reads of requests that can take long. */
export function openReadPool(url: string, readMs: number): pg.Pool {
  return newPool(url, MAX_READ_CONNECTIONS, readMs, readMs);
}

/**
 * Connects once, and does without the limits of the session if a pooler such as PgBouncer refuses
 * them, or takes them and ignores them (`ignore_startup_parameters`). Those of the client remain.
 */
export async function dropRefusedParameters(pools: readonly pg.Pool[]): Promise<void> {
  const [pool] = pools;
  if (!pool) return;
  try {
    const { rows } = await pool.query<{ setting: string }>(LOCK_TIMEOUT);
    if (Number(rows[0]?.setting) === pool.options.lock_timeout) return;
  } catch (error) {
    // Other errors are for the first query to report.
    if (!PARAMETER_REFUSED.test((error as Error).message)) return;
  }
  const none = {
    statement_timeout: undefined,
    lock_timeout: undefined,
    idle_in_transaction_session_timeout: undefined,
  };
  for (const { options } of pools) Object.assign(options, none);
}

/** Whether the sessions of a pool have the limits, or a pooler has refused them. */
export function hasSessionLimits({ options }: pg.Pool): boolean {
  return options.lock_timeout !== undefined;
}

function newPool(
  url: string,
  max: number,
  queryMs: number,
  lockMs: number,
  ask?: AskLimits,
): pg.Pool {
  const pool = new HostsPool(postgresAddress(url), {
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: queryMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_AFTER_MS,
    // Ours all stay below 2^53: CHECKs in the tables enforce it.
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === INT8_OID && format !== 'binary'
          ? Number
          : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
    },
  });
  // A broken connection fails its query and is replaced. Without these listeners, for idle
  // connections and for those in use, its error event would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  destroySilentConnections(pool, {
    queryMs,
    ask,
    configLike: (client) => pool.configLike(client),
  });
  return pool;
}
