/** Several processes on one port, with PostgreSQL. */
import cluster, { type Worker } from 'node:cluster';
import type { Config } from '../config.ts';
import { hasLostTerminal } from './hang-up.ts';
import { nameSocket, requirePathIsFree, socketPathOf } from './listen.ts';
import { notifySystemd } from './notify-systemd.ts';
import { CommandFailure, printError } from './output.ts';

/** A worker that ends is replaced after this pause, which doubles each time. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;
/** After a life of this length the pauses begin anew. */
const LONG_LIFE_MS = 60_000;

/**
 * Whether this process is the worker that speaks for all: the first. One that took the place of a
 * worker that ended says nothing.
 */
export function speaksForAll(): boolean {
  return !cluster.worker || cluster.worker.id === 1;
}

/**
 * Starts workers, replaces those that end and passes signals on, until SIGINT or SIGTERM. All share
 * one socket, so that a worker that ends takes no connection with it that it has not begun. This
 * process opens no database; each worker has a lease of its own.
 * @throws CommandFailure on SQLite, or if the first worker does not start
 */
export async function superviseWorkers(config: Config, count: number): Promise<void> {
  if (config.databaseUrl.startsWith('sqlite:')) {
    throw new CommandFailure(
      `${count} workers need PostgreSQL: only one process at a time can write to SQLite, so more ` +
        'would be slower than one. Set CHIT_DATABASE_URL to postgres://…, or CHIT_WORKERS to 1.',
    );
  }
  await requirePathIsFree(config);
  // The system gives each connection to a worker that waits for one. In turns, Node would lose
  // those that it has passed to a worker that dies before it has them: their clients wait forever.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  const pool = new WorkerPool();
  passSignalsOn(pool);
  // The first one migrates and makes the secret key; the others find both.
  if (!(await pool.startFirst())) {
    throw new CommandFailure('The first worker did not start.');
  }
  const path = socketPathOf(config);
  const removeSocket = path === undefined ? () => undefined : nameSocket(path);
  for (let others = 1; others < count; others += 1) pool.start();
  const warn = ({ message }: Error) => printError(`systemd could not be told: ${message}`);
  notifySystemd(config.environment, 'READY=1', warn);
  await pool.stopping;
  notifySystemd(config.environment, 'STOPPING=1', warn);
  await pool.ended;
  removeSocket();
}

function passSignalsOn(pool: WorkerPool): void {
  const stop = () => pool.stop();
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', () => {
    if (hasLostTerminal()) stop();
    else pool.signal('SIGHUP');
  });
}

/** The workers that run, and are to run. */
class WorkerPool {
  readonly #stopping = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #pauses = new Set<NodeJS.Timeout>();
  #pauseMs = FIRST_PAUSE_MS;
  #isStopping = false;

  /** Resolves when the workers are to stop. */
  get stopping(): Promise<void> {
    return this.#stopping.promise;
  }

  /** Resolves when all have ended after `stop`. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Starts a worker; resolves with whether it listens. It is not replaced before that. */
  startFirst(): Promise<boolean> {
    const worker = cluster.fork();
    return new Promise((resolve) => {
      const fail = () => resolve(false);
      worker.once('exit', fail);
      worker.once('listening', () => {
        worker.off('exit', fail);
        this.#keep(worker);
        resolve(true);
      });
    });
  }

  start(): void {
    this.#keep(cluster.fork());
  }

  signal(signal: NodeJS.Signals): void {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill(signal);
  }

  /** Tells all to finish their work; if it is called again, to end at once. */
  stop(): void {
    this.#isStopping = true;
    for (const pause of this.#pauses) clearTimeout(pause);
    this.#stopping.resolve();
    this.signal('SIGTERM');
    this.#endIfNone();
  }

  #keep(worker: Worker): void {
    const startedMs = performance.now();
    // What one reads again at the request of its operator, the others read as well.
    worker.on('message', (message: unknown) => {
      if (message !== REREAD) return;
      for (const other of Object.values(cluster.workers ?? {})) {
        if (other !== worker) other?.process.kill('SIGHUP');
      }
    });
    worker.once('exit', (code: number | null, signal: string | null) => {
      if (this.#isStopping) {
        this.#endIfNone();
        return;
      }
      if (performance.now() - startedMs > LONG_LIFE_MS) this.#pauseMs = FIRST_PAUSE_MS;
      printError(
        `Worker ${worker.process.pid} ended (${signal ?? code}). ` +
          `Another one starts in ${this.#pauseMs} ms.`,
      );
      const pause = setTimeout(() => {
        this.#pauses.delete(pause);
        this.start();
      }, this.#pauseMs);
      this.#pauses.add(pause);
      this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    });
  }

  #endIfNone(): void {
    if (Object.keys(cluster.workers ?? {}).length === 0) this.#ended.resolve();
  }
}

const REREAD = 'reread';

/** Tells the other workers to read `chit.json` again, since the operator asked this one to. */
export function tellOthersToReread(): void {
  if (cluster.isWorker) process.send?.(REREAD);
}
