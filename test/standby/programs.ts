/** Programs of Debian's packages, run as a user who is not root, which never outlive the test. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';

const KEPT_OUTPUT = 10_000;
const running = new Set<Program>();
process.once('exit', () => {
  for (const program of running) program.kill();
});

const isRoot = process.getuid?.() === 0;
const RUN_AS = isRoot ? { uid: idOf('-u'), gid: idOf('-g') } : {};

/** PostgreSQL, its tools and PgBouncer refuse to run as root. */
function idOf(flag: string): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
}

/** Gives a file or folder to the user of the programs. */
export function giveAway(path: string): void {
  if (RUN_AS.uid !== undefined && RUN_AS.gid !== undefined) chownSync(path, RUN_AS.uid, RUN_AS.gid);
}

/** A program that goes on until it is killed, with all the processes that it starts. */
export class Program {
  readonly #child: ChildProcess;
  output = '';

  constructor(
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) {
    this.#child = spawn(command, args, {
      cwd: '/',
      env: { ...process.env, LC_ALL: 'C', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...RUN_AS,
    });
    const read = (chunk: Buffer) => {
      this.output = (this.output + chunk.toString()).slice(-KEPT_OUTPUT);
    };
    this.#child.stdout?.on('data', read);
    this.#child.stderr?.on('data', read);
    this.#child.on('error', ({ message }) => {
      this.output += message;
    });
    running.add(this);
    this.#child.once('exit', () => running.delete(this));
  }

  get hasEnded(): boolean {
    const { exitCode, signalCode, pid } = this.#child;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }

  /** Kills all its processes at once, as when its machine is gone. */
  kill(): void {
    if (this.#child.pid !== undefined && !this.hasEnded) killWithChildren(this.#child.pid);
  }

  async killed(): Promise<void> {
    if (this.hasEnded) return;
    const exited = once(this.#child, 'exit');
    this.kill();
    await exited;
  }
}

/** PostgreSQL's processes are no group: each has a session of its own. */
export function killWithChildren(pid: number): void {
  for (const it of [pid, ...childrenOf(pid)]) {
    try {
      process.kill(it, 'SIGKILL');
    } catch {
      // It has exited already.
    }
  }
}

/** Read here, since to wait for `ps` would hold up the clients of the test. */
function childrenOf(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.map(Number).filter((it) => {
    try {
      // The name is in parentheses and may have anything in it; then come the state and the parent.
      const fields = readFileSync(`/proc/${it}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
      return Number(fields?.[1]) === pid;
    } catch {
      return false;
    }
  });
}

/** Runs a program to its end; rejects with what it wrote if that is not 0. */
export async function run(command: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, LC_ALL: 'C', PGPASSWORD: 'chit' };
  await promisify(execFile)(command, [...args], { cwd: '/', env, ...RUN_AS });
}

/** Asks again and again until it is so. */
export async function until(
  what: string,
  withinMs: number,
  isSo: () => Promise<boolean> | boolean,
): Promise<void> {
  for (const endMs = Date.now() + withinMs; ; await sleep(50)) {
    if (await Promise.resolve(isSo()).catch(() => false)) return;
    if (Date.now() > endMs) throw new Error(`Not within ${withinMs} ms: ${what}`);
  }
}

/** Runs one statement on a connection of its own. */
export async function ask<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
