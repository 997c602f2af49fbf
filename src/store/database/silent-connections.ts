/** Notices connections to PostgreSQL that are dead although nobody has closed them. */
import type { Socket } from 'node:net';
import pg from 'pg';

/** How much later than the server we give up, so that its error comes first if it can. */
const SILENCE_GRACE_MS = 500;
/** After so many questions without an answer the database itself counts as silent. */
const UNANSWERED = 2;

/** No byte came for longer than a query may take, or the database knows of no query. */
class SilentConnection extends Error {
  readonly code = 'ETIMEDOUT';

  constructor() {
    super('The database did not answer in time.');
  }
}

/** When the database is asked whether a query is running, and how long it may take to say so. */
export interface AskLimits {
  readonly afterMs: number;
  readonly timeoutMs: number;
}

/** How long the connections of a pool may be silent. */
export interface SilenceLimits {
  /** How long a query may take. */
  readonly queryMs: number;
  /** undefined if the database is not asked. */
  readonly ask: AskLimits | undefined;
  /** How to connect to where a client is connected. */
  configLike(client: pg.ClientBase): pg.ClientConfig;
}

/**
 * Destroys a connection that is in use and silent. The driver's own `query_timeout` only fails the
 * query, and leaves the connection to the next one.
 */
export function destroySilentConnections(pool: pg.Pool, limits: SilenceLimits): void {
  const inUse = new WeakSet<pg.ClientBase>();
  pool.on('acquire', (client) => inUse.add(client));
  pool.on('release', (_error, client) => inUse.delete(client));
  pool.on('connect', (client) => {
    const stream = streamOf(client);
    const isWaiting = () => inUse.has(client) && !stream.destroyed;
    stream.setTimeout(limits.queryMs);
    stream.on('timeout', () => {
      // One that was idle may have got a query by the end of the grace, which has just begun.
      if (isWaiting()) destroyIfSilent(stream, isWaiting);
    });
    const { ask } = limits;
    if (ask) watch(client, { config: limits.configLike(client), ask, isInUse: isWaiting });
  });
}

/** Destroys a connection if no byte comes within the grace. */
function destroyIfSilent(stream: Socket, isWaiting: () => boolean): void {
  const { bytesRead } = stream;
  const timer = setTimeout(() => {
    // Read again, since this process itself may have been stopped while the answer arrived.
    if (isWaiting() && stream.bytesRead === bytesRead) stream.destroy(new SilentConnection());
  }, SILENCE_GRACE_MS);
  timer.unref();
}

/** Asks about a query that has had no answer, again and again until it has. */
function watch(
  client: pg.ClientBase,
  at: { readonly config: pg.ClientConfig; readonly ask: AskLimits; isInUse(): boolean },
): void {
  const stream = streamOf(client);
  // The types leave it out: false from the sending of a query until its last answer.
  const isWaiting = () =>
    at.isInUse() && !(client as unknown as { readonly readyForQuery: boolean }).readyForQuery;
  let lastBytes = -1;
  let unanswered = 0;
  const look = async () => {
    const bytes = stream.bytesRead + stream.bytesWritten;
    const isSilent = isWaiting() && bytes === lastBytes;
    lastBytes = bytes;
    if (!isSilent) unanswered = 0;
    else {
      const state = await stateOf(client, at.config, at.ask.timeoutMs);
      unanswered = state === 'unanswered' ? unanswered + 1 : 0;
      // It may have answered in this moment; then the answer is here within the grace.
      const isDead = state === 'over' || unanswered >= UNANSWERED;
      if (isDead && isWaiting() && stream.bytesRead + stream.bytesWritten === bytes) {
        destroyIfSilent(stream, isWaiting);
      }
    }
    if (!stream.destroyed) timer.refresh();
  };
  const timer = setTimeout(() => void look(), at.ask.afterMs).unref();
  stream.once('close', () => clearTimeout(timer));
}

/**
 * What the database says of the query of a connection, asked on another one. `over`: the server
 * runs none, or waits for us to read the answer, so that what was sent on either way was lost.
 * `unknown`: it has answered, but behind a pooler the number of its process is not its own.
 * https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
 */
async function stateOf(
  client: pg.ClientBase,
  config: pg.ClientConfig,
  timeoutMs: number,
): Promise<'running' | 'over' | 'unknown' | 'unanswered'> {
  const asking = new pg.Client({
    ...config,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  });
  asking.on('error', () => undefined);
  try {
    await asking.connect();
    const { rows } = await asking.query<{ pid: number; is_running: boolean | null }>(
      `SELECT pg_backend_pid() AS pid, (SELECT coalesce(state, '') NOT LIKE 'idle%'
          AND wait_event_type IS DISTINCT FROM 'Client'
        FROM pg_stat_activity WHERE pid = $1) AS is_running`,
      [processIdOf(client)],
    );
    asking.end().catch(() => undefined);
    const [row] = rows;
    if (row?.pid !== processIdOf(asking)) return 'unknown';
    return row?.is_running ? 'running' : 'over';
  } catch (error) {
    streamOf(asking).destroy();
    // A refusal is an answer too, such as that there are too many connections.
    return error instanceof pg.DatabaseError ? 'unknown' : 'unanswered';
  }
}

/** The types of a client leave these out. */
interface Insides {
  readonly connection: { readonly stream: Socket };
  readonly processID: number | null;
}

function streamOf(client: pg.ClientBase): Socket {
  return (client as unknown as Insides).connection.stream;
}

/** The number of the server's process, as it was told when the connection was made. */
function processIdOf(client: pg.ClientBase): number | null {
  return (client as unknown as Insides).processID;
}
