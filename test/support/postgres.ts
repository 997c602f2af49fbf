/** A real PostgreSQL for the tests: from an npm package, or the one that the environment names. */
import pg from 'pg';
import {
  type PostgresOptions,
  type PostgresServer,
  startPostgresServer,
} from './postgres-server.ts';
import { scratchFolder } from './scratch.ts';
import { postgresTemplate } from './templates.ts';

export interface TestPostgres {
  /** The URL of a database that always exists. */
  readonly url: string;
  /** A new database, migrated if the run has a template; returns its URL. */
  newDatabase(): Promise<string>;
  /** A new database without tables; returns its URL. */
  newEmptyDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** A PostgreSQL that no other test uses. */
export type OwnPostgres = TestPostgres & PostgresServer;

/**
 * The tests kill the server but never the machine, so what is on the disk does not matter. No
 * database lives long enough to need vacuuming, which would visit each of hundreds in turn.
 */
const SETTINGS = { fsync: 'off', full_page_writes: 'off', autovacuum: 'off' };

/** Starts PostgreSQL, or uses the server of `CHIT_TEST_POSTGRES_URL`. */
export async function startPostgres(): Promise<TestPostgres> {
  const url = process.env.CHIT_TEST_POSTGRES_URL;
  if (!url) return startOwnPostgres();
  return { url, newDatabase, newEmptyDatabase, stop: async () => undefined };
}

/** Starts a PostgreSQL that nobody else uses. */
export async function startOwnPostgres(options: PostgresOptions = {}): Promise<OwnPostgres> {
  const within = scratchFolder();
  const server = await startPostgresServer({ within, settings: SETTINGS, ...options });
  const newOne = () => newDatabaseOn(server.url);
  return { ...server, newDatabase: newOne, newEmptyDatabase: newOne };
}

/** A new database on the server of `CHIT_TEST_POSTGRES_URL`, which `test/run.ts` sets; migrated. */
export function newDatabase(): Promise<string> {
  return newDatabaseOn(serverOfRun(), postgresTemplate());
}

function newEmptyDatabase(): Promise<string> {
  return newDatabaseOn(serverOfRun());
}

function serverOfRun(): string {
  const url = process.env.CHIT_TEST_POSTGRES_URL;
  if (!url) throw new Error('CHIT_TEST_POSTGRES_URL is not set; test/run.ts sets it.');
  return url;
}

let databases = 0;

async function newDatabaseOn(url: string, template?: string): Promise<string> {
  databases += 1;
  const name = `chit_test_${process.pid}_${databases}`;
  return createDatabase(url, name, template);
}

/** Creates a database on a server, empty or as a copy; returns its URL. */
export async function createDatabase(
  url: string,
  name: string,
  template = 'template1',
): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  } finally {
    await client.end();
  }
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}
