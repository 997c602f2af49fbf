/** Copies of a PostgreSQL database by `pg_dump` and `pg_restore`. */
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import type { DatabaseFacts } from '../../core/backups.ts';
import { LedgerSnapshot } from '../credits/ledger-verifier.ts';
import { dropRefusedParameters, openLongPool } from '../database/postgres-pool.ts';
import type { Database } from '../database/schema.ts';
import { readFacts } from './database-facts.ts';
import {
  connectionOf,
  type Environment,
  findTool,
  type PostgresTool,
  PostgresToolError,
  runTool,
} from './postgres-tools.ts';

/** `chtb`: whoever has this advisory lock makes a backup of the database. */
const BACKUP_LOCK = 0x63_68_74_62;

/** Another server is making a backup of the same database. */
export class OtherServerBacksUp extends Error {
  constructor() {
    super('Another server is making a backup of this database. Wait until it is done.');
  }
}

/** The moment of the backup, for checking what the dump contains. */
export interface PostgresMoment {
  readonly facts: DatabaseFacts;
  readonly ledger: LedgerSnapshot;
}

/**
 * Dumps a database as it is at one moment, and reads the same moment beside it: the snapshot of a
 * transaction is exported to `pg_dump`
 * (https://www.postgresql.org/docs/current/functions-admin.html, "Snapshot Synchronization").
 * @param target a file that does not exist
 * @param read reads that moment, while the dump is made
 * @throws PostgresToolError if there is no program that fits; OtherServerBacksUp
 */
export async function dumpPostgres<T>(
  url: string,
  target: string,
  environment: Environment,
  read: (moment: PostgresMoment) => Promise<T>,
): Promise<T> {
  return connectedTo(url, async (kysely) => {
    const tool = await toolFor(kysely, 'pg_dump', environment);
    if (!tool.tool) throw new PostgresToolError(`${tool.reason}, or run ${byHand(url)}`);
    return kysely
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (transaction) => {
        // It waits while the dump is written.
        await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(transaction);
        await lockBackup(transaction);
        const { rows } = await sql<{ id: string }>`SELECT pg_export_snapshot() AS id`.execute(
          transaction,
        );
        const dumped = dump(tool.tool, url, target, { snapshot: rows[0]?.id, environment });
        // Its failure is told below, also if reading fails first.
        dumped.catch(() => undefined);
        const facts = await readFacts(transaction);
        const result = await read({ facts, ledger: new LedgerSnapshot(transaction) });
        await dumped;
        return result;
      });
  });
}

/** Whether `pg_dump` can be run for a database; if not, why, and what to run instead. */
export async function whyNoDump(
  url: string,
  environment: Environment,
): Promise<string | undefined> {
  const { reason } = await connectedTo(url, (kysely) => toolFor(kysely, 'pg_dump', environment));
  return reason && `${reason}, or run ${byHand(url)}`;
}

function byHand(url: string): string {
  const { url: shown } = connectionOf(url);
  return `this where they are: pg_dump --format=custom --file=chit.dump "${shown}"`;
}

async function dump(
  tool: PostgresTool,
  url: string,
  target: string,
  { snapshot, environment }: { snapshot: string | undefined; environment: Environment },
): Promise<void> {
  const connection = connectionOf(url);
  const parameters = [
    '--format=custom',
    `--snapshot=${snapshot}`,
    '--no-password',
    '--no-owner',
    '--no-privileges',
    `--file=${target}`,
    `--dbname=${connection.url}`,
  ];
  await runTool(tool, parameters, { ...environment, ...connection.environment });
}

async function toolFor(
  db: Kysely<Database>,
  name: 'pg_dump' | 'pg_restore',
  environment: Environment,
) {
  const { rows } = await sql<{ version: string }>`
    SELECT current_setting('server_version_num') AS version`.execute(db);
  return findTool(name, Math.floor(Number(rows[0]?.version) / 10_000), environment);
}

async function lockBackup(transaction: Transaction<Database>): Promise<void> {
  const { rows } = await sql<{ done: boolean }>`
    SELECT pg_try_advisory_xact_lock(${sql.lit(BACKUP_LOCK)}) AS done`.execute(transaction);
  if (!rows[0]?.done) throw new OtherServerBacksUp();
}

/** What a database contains now. */
export function factsOfPostgres(url: string): Promise<DatabaseFacts> {
  return connectedTo(url, readFacts);
}

/** Whether a database has no tables yet, so that a backup may be restored into it. */
export function isEmptyPostgres(url: string): Promise<boolean> {
  return connectedTo(url, async (kysely) => {
    const { rows } = await sql<{ count: string }>`SELECT count(*) AS count FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname = current_schema()`.execute(kysely);
    return Number(rows[0]?.count) === 0;
  });
}

/**
 * Restores a dump into an empty database, in one transaction: all of it or nothing.
 * @returns what is in the database now
 * @throws PostgresToolError
 */
export async function restorePostgres(
  url: string,
  dumpFile: string,
  environment: Environment,
): Promise<DatabaseFacts> {
  const tool = await connectedTo(url, (kysely) => toolFor(kysely, 'pg_restore', environment));
  const connection = connectionOf(url);
  if (!tool.tool) throw new PostgresToolError(`${tool.reason}.`);
  const parameters = [
    '--no-owner',
    '--no-privileges',
    '--no-password',
    '--single-transaction',
    '--exit-on-error',
    `--dbname=${connection.url}`,
    dumpFile,
  ];
  await runTool(tool.tool, parameters, { ...environment, ...connection.environment });
  return factsOfPostgres(url);
}

/** Reads a dump's table of contents, which shows that the file can be read. */
export async function checkDump(
  url: string,
  dumpFile: string,
  environment: Environment,
): Promise<void> {
  const tool = await connectedTo(url, (kysely) => toolFor(kysely, 'pg_restore', environment));
  if (tool.tool) await runTool(tool.tool, ['--list', dumpFile], environment);
}

async function connectedTo<T>(
  url: string,
  work: (kysely: Kysely<Database>) => Promise<T>,
): Promise<T> {
  const pool = openLongPool(url);
  const kysely = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  try {
    await dropRefusedParameters([pool]);
    return await work(kysely);
  } finally {
    await kysely.destroy();
    if (!pool.ending) await pool.end();
  }
}
