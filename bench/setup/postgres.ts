/** One PostgreSQL for the whole run, with the defaults it comes with: every commit is durable. */
import pg from 'pg';
import { type PostgresServer, startPostgresServer } from '../../test/support/postgres-server.ts';

let starting: Promise<PostgresServer> | undefined;
let databases = 0;

/** Creates a database, and starts the server before the first; returns the database's URL. */
export async function newPostgresDatabase(templateUrl?: string): Promise<string> {
  starting ??= startPostgresServer();
  const { url } = await starting;
  databases += 1;
  const name = `chit_bench_${databases}`;
  const template = templateUrl ? ` TEMPLATE ${new URL(templateUrl).pathname.slice(1)}` : '';
  await query(url, `CREATE DATABASE ${name}${template}`);
  return urlOf(url, name);
}

/** Deletes a database to free its space. */
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

function urlOf(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}
