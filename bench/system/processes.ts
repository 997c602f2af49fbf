/** Starts processes for the benchmark and sees to it that none, and no file, outlives it. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobReply } from '../load/jobs.ts';
import type { LoadJob, LoadResult } from '../load/load-job.ts';
import type { StreamJob, StreamResult } from '../load/stream-job.ts';

/** This checkout. */
export const ROOT = join(import.meta.dirname, '../..');
const FLOORS = {
  sqlite: join(import.meta.dirname, '../floor/sqlite.ts'),
  postgres: join(import.meta.dirname, '../floor/postgres.ts'),
} as const;
const RENEWING = join(import.meta.dirname, 'renewing-server.ts');
const LOAD = join(import.meta.dirname, '../load/load.ts');
const STREAM_LOAD = join(import.meta.dirname, '../load/stream-load.ts');
const PROVIDER = join(import.meta.dirname, '../load/provider.ts');

/** How often a starting server's output is looked at: the resolution of the time it takes. */
const POLL_MS = 2;
const START_WITHIN_MS = 30_000;
const PEAK_EVERY_MS = 20;

/**
 * What follows `node` in the script `start` of a checkout, so that this is what people run, flags
 * and all.
 */
function startArguments(root: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  const [, ...args] = scripts.start.split(' ');
  return args.map((it) => (/\.[jt]s$/.test(it) ? join(root, it) : it));
}

const running = new Set<ChildProcess>();
const folders = new Set<string>();

/** What a process needs to know of where it runs; a `Workspace` is one. */
interface Location {
  readonly folder: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** A server of its own process and folder. */
export interface BenchServer {
  readonly port: number;
  readonly pid: number;
  /** Its working directory; the database is in `data/` there. */
  readonly folder: string;
  /** When it was started, as `performance.now()` has it. */
  readonly startedMs: number;
  /** Ends it in order; rejects if it does not exit with 0. */
  stop(): Promise<void>;
}

/** Ends all children at once and removes all folders. Safe to call at any time, and again. */
export function cleanUp(): void {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  folders.clear();
}

/** A new empty folder, which `cleanUp` removes. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'chit-bench-'));
  folders.add(folder);
  return folder;
}

/** Starts the real server as `npm start` does, with its defaults and any free port. */
export function startChit(location: Location, root: string = ROOT): Promise<BenchServer> {
  return startServer(startArguments(root), location);
}

/** Starts the floor on the database of a workspace. */
export function startFloor(
  location: Location & { readonly kind: keyof typeof FLOORS; readonly database: string },
): Promise<BenchServer> {
  return startServer([FLOORS[location.kind], location.database], location);
}

/** Starts a server whose midnight comes when it gets SIGUSR2; see `renewing-server.ts`. */
export function startRenewing(location: Location, aheadMs: number): Promise<BenchServer> {
  const args = [...startArguments(ROOT).slice(0, -2), RENEWING, String(aheadMs)];
  return startServer(args, location);
}

/** Starts the provider that relays are measured with. */
export function startProvider(): Promise<BenchServer> {
  return startServer([PROVIDER], { folder: newFolder(), settings: {} });
}

/** Runs one `chit` command to its end and returns its exit code. */
export async function runChit(
  location: Location,
  args: readonly string[],
  root: string = ROOT,
): Promise<number | null> {
  return (await measureChit(location, args, root)).code;
}

/** One `chit` command from the start of its process to its end. */
export interface CommandRun {
  readonly code: number | null;
  readonly seconds: number;
  /** The most memory that was resident, in megabytes of a million bytes; NaN if not on Linux. */
  readonly peakMb: number;
}

/** Runs one `chit` command to its end; its stdout is not shown, its stderr is. */
export async function measureChit(
  { folder, settings }: Location,
  args: readonly string[],
  root: string = ROOT,
): Promise<CommandRun> {
  const startedMs = performance.now();
  const child = track(
    spawn(process.execPath, [...startArguments(root).slice(0, -1), ...args], {
      cwd: folder,
      env: environmentWith(settings),
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  let peakMb = Number.NaN;
  const sampling = setInterval(() => {
    peakMb = peakMbOf(child.pid as number) ?? peakMb;
  }, PEAK_EVERY_MS);
  const [code] = (await once(child, 'exit').finally(() => clearInterval(sampling))) as [
    number | null,
  ];
  return { code, seconds: (performance.now() - startedMs) / 1000, peakMb };
}

/** The kernel keeps the highest value, so the last reading before the end is near the truth. */
function peakMbOf(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
    return kibibytes ? (Number(kibibytes) * 1024) / 1_000_000 : undefined;
  } catch {
    return undefined;
  }
}

/** What our own servers say when they are ready. */
const READY = /listens on http:\/\/[^/]*:(\d+)\//;

async function startServer(
  args: readonly string[],
  location: Location,
  { ready = READY, anyExit = false }: { readonly ready?: RegExp; readonly anyExit?: boolean } = {},
): Promise<BenchServer> {
  const { folder, settings } = location;
  // A file, as a service would have it: a pipe would make this process read every line of the log.
  const log = join(folder, 'server.log');
  const output = openSync(log, 'w');
  const startedMs = performance.now();
  const child = track(
    spawn(process.execPath, args, {
      cwd: folder,
      env: environmentWith({ ...settings, CHIT_PORT: '0' }),
      stdio: ['ignore', output, output],
    }),
  );
  closeSync(output);
  const port = await portOf(child, log, ready);
  return {
    port,
    pid: child.pid as number,
    folder,
    startedMs,
    stop: async () => {
      if (hasEnded(child)) throw new Error(`A server ended by itself:\n${lastLinesOf(log)}`);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = (await ended) as [number | null];
      if (code !== 0 && !anyExit)
        throw new Error(`A server ended with ${code}:\n${lastLinesOf(log)}`);
    },
  };
}

async function portOf(child: ChildProcess, log: string, ready: RegExp): Promise<number> {
  const deadlineMs = performance.now() + START_WITHIN_MS;
  while (performance.now() < deadlineMs) {
    const port = ready.exec(readFileSync(log, 'utf8'))?.[1];
    if (port) return Number(port);
    if (hasEnded(child)) break;
    await sleep(POLL_MS);
  }
  throw new Error(`A server did not start:\n${lastLinesOf(log)}`);
}

/** A load generator in a process of its own. */
class Generator<Job extends object, Result> {
  readonly #child: ChildProcess;

  constructor(program: string) {
    this.#child = track(fork(program, { env: environmentWith({}) }));
  }

  /** Runs one job; rejects if a connection failed. */
  async run(job: Job): Promise<Result> {
    const ended = new AbortController();
    const isOver = { signal: ended.signal };
    const gone = once(this.#child, 'exit', isOver).then((): [JobReply<Result>] => [
      { error: 'The load generator ended.' },
    ]);
    const answered = once(this.#child, 'message', isOver) as Promise<[JobReply<Result>]>;
    this.#child.send(job);
    const [reply] = await Promise.race([answered, gone]);
    for (const promise of [gone, answered]) promise.catch(() => undefined);
    ended.abort();
    if ('error' in reply) throw new Error(`Under load: ${reply.error}`);
    return reply.result;
  }

  stop(): void {
    this.#child.kill();
  }
}

/** Sends requests, each after the answer to the one before. */
export class LoadGenerator extends Generator<LoadJob, LoadResult> {
  constructor() {
    super(LOAD);
  }
}

/** Reads streams. */
export class StreamReader extends Generator<StreamJob, StreamResult> {
  constructor() {
    super(STREAM_LOAD);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function track(child: ChildProcess): ChildProcess {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** A program of somebody else's. It is told its port, and how it ends is its own affair. */
export async function startForeign(
  argumentsFor: (port: number) => readonly string[],
  ready: RegExp,
): Promise<BenchServer> {
  const location = { folder: newFolder(), settings: {} };
  return startServer([...argumentsFor(await freePort())], location, { ready, anyExit: true });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The environment without settings of Chit: the defaults are what is measured. */
function environmentWith(settings: Record<string, string>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('CHIT_'));
  return { ...Object.fromEntries(inherited), ...settings };
}

function lastLinesOf(log: string): string {
  return readFileSync(log, 'utf8').split('\n').slice(-20).join('\n');
}
