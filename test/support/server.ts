import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { atEnd } from './at-end.ts';
import { COMPILE_CACHE } from './compile-cache.ts';
import { postJson } from './http.ts';
import { PATIENT_SETTINGS } from './patient-settings.ts';
import { newDatabase } from './postgres.ts';
import { scratchFolder } from './scratch.ts';

const MAIN = join(import.meta.dirname, '../../bin/chit.js');
const SERVE = [MAIN, 'serve'];
export const SECRET_KEY = 'a secret key that only the tests of this project know';

/** Servers that are running, to be killed if a test fails before it stops its own. */
const running = new Set<ChildProcess>();
const killAll = () => {
  for (const child of running) child.kill('SIGKILL');
};
process.once('exit', killAll);
// Otherwise a server would keep the process of its test alive.
atEnd(killAll);

/** A real server in its own process, with a free port and its own database. */
export interface TestServer {
  readonly url: string;
  readonly databaseUrl: string;
  readonly folder: string;
  readonly process: ChildProcess;
  /** Writes a line to its standard input; only the scripted server reads it. */
  say(line: string): void;
  /** All that it has written to stdout and stderr so far. */
  output(): string;
  /** Shuts it down cleanly and removes its folder. */
  stop(): Promise<void>;
  /** Kills it; the folder stays. */
  kill(): Promise<void>;
}

/** A new empty folder, for a working directory with a database in it. */
export function newFolder(): string {
  return mkdtempSync(join(scratchFolder(), 'chit-test-'));
}

/** The environment of a child process: ours without settings of Chit, and these settings. */
export function environmentWith(settings: Record<string, string>): Record<string, string> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('CHIT_'));
  const others = Object.fromEntries(inherited) as Record<string, string>;
  return { ...others, NODE_COMPILE_CACHE: COMPILE_CACHE, ...settings };
}

/**
 * The database of a folder: of the kind that `TEST_DATABASE` names, so that the same tests can be
 * run on either (`test/run.ts` does). The same folder gets the same database again.
 */
export function databaseOf(folder: string): Promise<string> {
  let url = databases.get(folder);
  if (!url) {
    const isPostgres = process.env.TEST_DATABASE === 'PostgreSQL';
    url = isPostgres ? newDatabase() : Promise.resolve(`sqlite:${join(folder, 'data/chit.db')}`);
    databases.set(folder, url);
  }
  return url;
}

const databases = new Map<string, Promise<string>>();

/** The settings of a child; the database of a folder is where it is by default, if it can be. */
function defaultsFor(databaseUrl: string): Record<string, string> {
  const settings = { CHIT_SECRET_KEY: SECRET_KEY };
  return databaseUrl.startsWith('sqlite:')
    ? settings
    : { ...PATIENT_SETTINGS, ...settings, CHIT_DATABASE_URL: databaseUrl };
}

/**
 * Starts a server and resolves when it listens.
 * @param command what Node runs: the program, or `scripted-server.ts` with its arguments
 */
export async function startServer(
  settings: Record<string, string> = {},
  folder = newFolder(),
  command: readonly string[] = SERVE,
): Promise<TestServer> {
  const databaseUrl = settings.CHIT_DATABASE_URL ?? (await databaseOf(folder));
  const child = spawn(process.execPath, [...command], {
    cwd: folder,
    env: environmentWith({
      ...PATIENT_SETTINGS,
      ...defaultsFor(databaseUrl),
      CHIT_PORT: '0',
      ...settings,
    }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      output += chunk.toString();
      const match = /Chit listens on (http:\/\/\S+)\//.exec(output);
      if (match?.[1]) resolve(match[1]);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', (code) => reject(new Error(`The server ended (${code}):\n${output}`)));
  });
  return {
    url,
    databaseUrl,
    folder,
    process: child,
    say: (line) => void child.stdin.write(`${line}\n`),
    output: () => output,
    stop: async () => {
      await end(child, 'SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
    kill: () => end(child, 'SIGKILL'),
  };
}

/** As `startServer`, for one test: it is ended and its folder removed however the test ends. */
export async function startServerFor(
  test: TestContext,
  settings: Record<string, string> = {},
  folder = newFolder(),
  command: readonly string[] = SERVE,
): Promise<TestServer> {
  const server = await startServer(settings, folder, command);
  test.after(async () => {
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return server;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** What the command line printed and how it ended. */
export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of a command in the folder of a server. */
export async function commandEnvironment(
  folder: string,
  settings: Record<string, string> = {},
): Promise<Record<string, string>> {
  return environmentWith({ ...defaultsFor(await databaseOf(folder)), ...settings });
}

/** Runs one `chit` command to its end in the folder of a server, in a process of its own. */
export async function runChit(
  folder: string,
  args: readonly string[],
  options: { readonly input?: string | Buffer; readonly settings?: Record<string, string> } = {},
): Promise<CommandOutcome> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: await commandEnvironment(folder, options.settings),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

/** Makes an account over the API and signs it in. */
export async function newUser(
  url: string,
  username: string,
  password = 'Pa55word!x',
): Promise<{ access: string; refresh: string }> {
  const registered = await postJson(`${url}/api/register/`, { username, password });
  if (registered.status !== 201) throw new Error(`${registered.status} ${registered.text}`);
  const login = await postJson(`${url}/api/login/`, { username, password });
  if (login.status !== 200) throw new Error(`${login.status} ${login.text}`);
  return login.json as { access: string; refresh: string };
}
