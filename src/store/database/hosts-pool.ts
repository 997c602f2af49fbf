/** A pool of connections to whichever host of a URL can be used. */
import pg from 'pg';
import type { PostgresAddress, PostgresTarget } from './postgres-url.ts';

/** A host is reached, but only reads: a standby, or set so (`default_transaction_read_only`). */
class OnlyReads extends Error {
  /** `read_only_sql_transaction`, as for a query that writes there. */
  readonly code = READ_ONLY;
}

/**
 * Somebody ended the wait of a commit for the synchronous standby (`pg_cancel_backend`). It is
 * committed where we are connected, may be lost if the standby takes over, and PostgreSQL tells it
 * as done, with a warning beside it.
 * https://www.postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION
 */
class NotOnStandby extends Error {
  /** `connection_failure`: as when the connection broke, nobody knows what became of it. */
  readonly code = '08006';

  constructor() {
    super('The wait for the synchronous standby was cancelled.');
  }
}

/** Where in PostgreSQL that warning comes from; its text is in the language of the server. */
const WAITS_FOR_STANDBY = 'SyncRepWaitForLSN';
const READ_ONLY = '25006';
/** `invalid_authorization_specification`: no entry of pg_hba.conf for this way to connect. */
const NOT_THIS_WAY = '28000';
/** `cannot_connect_now`: the server starts, stops or recovers. */
const NOT_NOW = '57P03';
/** Errors of a host that cannot be reached, or not in time. */
const UNREACHABLE =
  /E(CONN|HOST|NET|TIMEDOUT|NOTFOUND|AI_AGAIN|NOENT|PIPE)|timeout expired|Connection terminated/;
/** Errors of TLS, before the server was asked for anything. */
const TLS_FAILED =
  /ERR_(SSL|TLS)|EPROTO|CERT|SELF_SIGNED|UNABLE_TO|does not support SSL|establishing an SSL/;

const CAN_WRITE = `SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'
  AS only_reads`;

/** The types leave these out. */
interface Insides {
  readonly host: string;
  readonly port: number;
  readonly ssl: unknown;
  readonly connection: NodeJS.EventEmitter & { readonly stream: { destroy(e: Error): void } };
}

type Callback = Parameters<pg.Pool['connect']>[0];

/**
 * As `pg.Pool`, over several hosts and several ways to connect. What served last is tried first.
 * Another host is tried if one cannot be reached or only reads; not if it refuses the log-in, as
 * with libpq. A connection that turns out to only read is not used again.
 */
export class HostsPool extends pg.Pool {
  readonly #targets: PostgresAddress['targets'];
  readonly #settings: pg.ClientConfig;
  readonly #idle = new Set<pg.ClientBase>();
  /** Connections that only read. */
  readonly #readers = new WeakSet<pg.ClientBase>();
  #at = 0;

  constructor({ targets, mustWrite, settings }: PostgresAddress, options: pg.PoolConfig) {
    const [first] = targets;
    const verify: pg.PoolConfig['verify'] = (client, done) => void refuseReaders(client, done);
    super({
      ...options,
      ...(mustWrite ? { verify } : {}),
      ...settings,
      ...connectionOf(first),
    });
    this.#targets = targets;
    this.#settings = settings;
    this.on('connect', (client) => this.#watch(client));
    this.on('acquire', (client) => {
      this.#idle.delete(client);
    });
    this.on('release', (_error, client) => {
      // The pool looks at it right after this, and drops what has ended.
      if (this.#readers.has(client)) void (client as pg.PoolClient & pg.Client).end();
      else this.#idle.add(client);
    });
    this.on('remove', (client) => this.#idle.delete(client));
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: NonNullable<Callback>): void;
  override connect(callback?: NonNullable<Callback>): Promise<pg.PoolClient> | undefined {
    if (!callback) {
      return new Promise((resolve, reject) => {
        this.connect((error, client) => {
          if (client) resolve(client);
          else reject(error);
        });
      });
    }
    this.#connect(callback, new Map());
    return undefined;
  }

  /** How to connect to the place that a client is connected to. */
  configLike(client: pg.ClientBase): pg.ClientConfig {
    const { host, port, ssl } = client as unknown as Insides;
    return { ...this.#settings, host, port, ssl: ssl as boolean };
  }

  /** @param failed the errors of targets that were tried; of a host, all of its targets */
  #connect(callback: NonNullable<Callback>, failed: Map<number, Error>): void {
    const at = this.#at;
    super.connect((error, client, release) => {
      if (!error) {
        callback(undefined, client, release);
        return;
      }
      const next = this.#after(at, error, failed);
      if (next === undefined || this.ending) {
        callback(this.#summaryOf(failed, error), undefined, release);
        return;
      }
      this.#use(next);
      this.#connect(callback, failed);
    });
  }

  /** What to try after an error, which is noted; undefined if nothing else would help. */
  #after(at: number, error: Error, failed: Map<number, Error>): number | undefined {
    failed.set(at, error);
    const { code = '', message } = error as NodeJS.ErrnoException;
    const text = `${code} ${message}`;
    const hostIndex = this.#targets[at]?.hostIndex;
    const isWay = code === NOT_THIS_WAY || TLS_FAILED.test(text);
    const isSameHost = (index: number) => this.#targets[index]?.hostIndex === hostIndex;
    if (isWay && isSameHost(at + 1) && !failed.has(at + 1)) return at + 1;
    const isHost = code === READ_ONLY || code === NOT_NOW || UNREACHABLE.test(text);
    if (!isHost && (!isWay || code === NOT_THIS_WAY)) return undefined;
    const indexes = [...this.#targets.keys()];
    for (const index of indexes.filter(isSameHost)) failed.set(index, error);
    // After the last one comes the first, since it may be another one that served last.
    const inTurn = [...indexes.slice(at + 1), ...indexes.slice(0, at)];
    return inTurn.find((index) => !failed.has(index));
  }

  #use(at: number): void {
    this.#at = at;
    const target = this.#targets[at];
    if (target) Object.assign(this.options, connectionOf(target));
  }

  /** One error that tells of all hosts. */
  #summaryOf(failed: ReadonlyMap<number, Error>, last: Error): Error {
    const hosts = new Map<number, string>();
    for (const [at, { message }] of failed) {
      const { hostIndex = 0, host = '', port = '' } = this.#targets[at] ?? {};
      hosts.set(hostIndex, `${host}:${port}: ${message}`);
    }
    if (hosts.size < 2) return last;
    const { code } = last as NodeJS.ErrnoException;
    return Object.assign(new Error([...hosts.values()].join('; '), { cause: last }), { code });
  }

  /** Notices when the server of a connection no longer writes. */
  #watch(client: pg.ClientBase): void {
    const { connection } = client as unknown as Insides;
    connection.on('errorMessage', ({ code }: { readonly code?: string }) => {
      if (code !== READ_ONLY || this.#readers.has(client)) return;
      this.#readers.add(client);
      this.#leave(client);
    });
    connection.on('notice', ({ routine }: { readonly routine?: string }) => {
      if (routine === WAITS_FOR_STANDBY) connection.emit('errorMessage', new NotOnStandby());
    });
  }

  /** Its host only reads now: idle connections to it are closed, and the next host is tried. */
  #leave(client: pg.ClientBase): void {
    const { host, port } = client as unknown as Insides;
    for (const idle of this.#idle) {
      const { host: ofIdle, port: portOfIdle, connection } = idle as unknown as Insides;
      if (ofIdle === host && portOfIdle === port) connection.stream.destroy(new OnlyReads());
    }
    const current = this.#targets[this.#at];
    if (current?.host !== host || (current?.port ?? port) !== port) return;
    const next = this.#after(this.#at, new OnlyReads(), new Map());
    if (next !== undefined) this.#use(next);
  }
}

function connectionOf({ host, port, ssl }: PostgresTarget): pg.PoolConfig {
  return { host, port, ssl };
}

async function refuseReaders(client: pg.PoolClient, done: (error?: Error) => void): Promise<void> {
  try {
    const { rows } = await client.query<{ only_reads: boolean }>(CAN_WRITE);
    done(rows[0]?.only_reads ? new OnlyReads('the database only reads') : undefined);
  } catch (error) {
    done(error as Error);
  }
}
