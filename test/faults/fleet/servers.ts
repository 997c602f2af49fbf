/** Servers and commands in processes of their own, which never outlive the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandOutcome, environmentWith } from '../../support/server.ts';
import { exchange } from './exchange.ts';
import { bearer } from './kinds.ts';

const KILLABLE = join(import.meta.dirname, 'killable-server.ts');
const MAIN = join(import.meta.dirname, '../../../bin/chit.js');
const START_WITHIN_MS = 180_000;
/** A server that is told where to die may not come there. */
const DIES_WITHIN_MS = 2_000;
const KEPT_OUTPUT = 20_000;

const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** A server of the fleet. It keeps its settings when it is started again, not its port. */
export class FleetServer {
  readonly #folder: string;
  readonly #settings: Record<string, string>;
  #child: ChildProcess | undefined;
  #output = '';
  /** Where it listens, or last listened. */
  url = '';

  constructor(folder: string, settings: Record<string, string>) {
    this.#folder = folder;
    this.#settings = settings;
  }

  /** The last that it wrote. */
  get output(): string {
    return this.#output;
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /**
   * Starts it and resolves when it listens.
   * @throws Error if it ends, or does not listen within half a minute; then it is killed
   */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [KILLABLE], {
      cwd: this.#folder,
      env: environmentWith({ CHIT_PORT: '0', ...this.#settings }),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    track(child);
    this.#child = child;
    this.#output = '';
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const read = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-KEPT_OUTPUT);
      const url = /Chit listens on (http:\/\/\S+)\//.exec(this.#output)?.[1];
      if (url) resolve(url);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`It ended (${code}):\n${this.#output}`)));
    const timer = setTimeout(
      () => reject(new Error(`It does not listen:\n${this.#output}`)),
      START_WITHIN_MS,
    );
    try {
      this.url = await promise;
    } catch (error) {
      await this.kill();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Kills it as a crash would. */
  async kill(): Promise<void> {
    if (!this.#child || !this.isRunning) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  /** Makes it die at a point, or soon after if it does not come there. */
  async dieAt(
    point: string,
    count: number,
    withinMs = DIES_WITHIN_MS,
  ): Promise<'there' | 'elsewhere'> {
    if (!this.#child || !this.isRunning) return 'elsewhere';
    const exited = once(this.#child, 'exit').then(() => 'there' as const);
    this.#child.stdin?.write(`die ${point} ${count}\n`);
    const late = new AbortController();
    const tooLate = sleep(withinMs, 'elsewhere' as const, { signal: late.signal });
    const where = await Promise.race([exited, tooLate.catch(() => 'there' as const)]);
    late.abort();
    await this.kill();
    return where;
  }

  /** Stops it in the middle, as if its machine slept, and lets it go on after a time. */
  async pause(forMs: number): Promise<void> {
    const child = this.#child;
    if (!child || !this.isRunning) return;
    child.kill('SIGSTOP');
    await sleep(forMs);
    child.kill('SIGCONT');
  }

  /** Whether it answers a user. */
  async answers(access: string): Promise<boolean> {
    if (!this.isRunning) return false;
    const asked = { method: 'GET', headers: bearer(access), leavesAfterMs: 2_000 };
    return (await exchange(`${this.url}/api/tokens/`, asked)).status === 200;
  }
}

/** Runs a command, as an operator beside the servers; kills it after a time if one is given. */
export async function runCommand(
  folder: string,
  settings: Record<string, string>,
  args: readonly string[],
  killAfterMs?: number,
): Promise<CommandOutcome> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: environmentWith(settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  track(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs ?? START_WITHIN_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code: code ?? -1, stdout, stderr };
}

function track(child: ChildProcess): void {
  children.add(child);
  // A server that is killed is not there to read what it is told.
  child.stdin?.on('error', () => undefined);
  child.once('exit', () => children.delete(child));
}
