import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import * as initial from './migrations/0001-initial.ts';
import * as administration from './migrations/0002-administration.ts';
import * as codesAndNames from './migrations/0003-codes-and-names.ts';
import * as signIn from './migrations/0004-sign-in.ts';
import * as endings from './migrations/0005-endings.ts';
import * as usageByUnit from './migrations/0006-usage-by-unit.ts';
import * as limits from './migrations/0007-limits.ts';
import * as servers from './migrations/0008-servers.ts';
import * as planChanges from './migrations/0009-plan-changes.ts';
import * as retention from './migrations/0010-retention.ts';
import * as limitsInBatches from './migrations/0011-limits-in-batches.ts';
import * as files from './migrations/0012-files.ts';
import * as thinking from './migrations/0013-thinking.ts';
import * as order from './migrations/0014-order.ts';
import * as tools from './migrations/0015-tools.ts';
import * as shares from './migrations/0016-shares.ts';
import * as prompts from './migrations/0017-prompts.ts';
import * as sessionDevices from './migrations/0018-session-devices.ts';
import * as emails from './migrations/0019-emails.ts';
import * as signInProviders from './migrations/0020-sign-in-providers.ts';
import * as directory from './migrations/0021-directory.ts';
import * as factors from './migrations/0022-factors.ts';
import * as notices from './migrations/0023-notices.ts';
import * as invitations from './migrations/0024-invitations.ts';
import * as adminKeys from './migrations/0025-admin-keys.ts';
import * as appearance from './migrations/0026-appearance.ts';
import * as sessionPlaces from './migrations/0027-session-places.ts';
import * as ownProofs from './migrations/0028-own-proofs.ts';
import * as arrivals from './migrations/0029-arrivals.ts';
import * as mailQueue from './migrations/0030-mail-queue.ts';
import * as providerSignOuts from './migrations/0031-provider-sign-outs.ts';
import * as assistantFiles from './migrations/0032-assistant-files.ts';
import { isNoSuchTable } from './no-such-table.ts';
import type { SqlFlavour } from './sql-flavour.ts';
import { isBusy } from './sqlite-connection.ts';

/** Applied only to a database without tables. */
export const FIRST_MIGRATION = '0001-initial';

const MIGRATIONS: Record<string, { up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> }> =
  {
    [FIRST_MIGRATION]: initial,
    '0002-administration': administration,
    '0003-codes-and-names': codesAndNames,
    '0004-sign-in': signIn,
    '0005-endings': endings,
    '0006-usage-by-unit': usageByUnit,
    '0007-limits': limits,
    '0008-servers': servers,
    '0009-plan-changes': planChanges,
    '0010-retention.since-0009': retention,
    '0011-limits-in-batches': limitsInBatches,
    '0012-files.since-0011': files,
    '0013-thinking.since-0011': thinking,
    '0014-order.since-0011': order,
    '0015-tools.since-0011': tools,
    '0016-shares.since-0011': shares,
    '0017-prompts.since-0011': prompts,
    '0018-session-devices.since-0011': sessionDevices,
    '0019-emails.since-0018': emails,
    '0020-sign-in-providers.since-0018': signInProviders,
    '0021-directory.since-0018': directory,
    '0022-factors.since-0018': factors,
    '0023-notices.since-0018': notices,
    '0024-invitations.since-0018': invitations,
    '0025-admin-keys.since-0018': adminKeys,
    '0026-appearance.since-0018': appearance,
    '0027-session-places.since-0018': sessionPlaces,
    '0028-own-proofs.since-0018': ownProofs,
    '0029-arrivals.since-0018': arrivals,
    '0030-mail-queue.since-0018': mailQueue,
    '0031-provider-sign-outs.since-0018': providerSignOuts,
    '0032-assistant-files.since-0018': assistantFiles,
  };

/**
 * The migrator's own lock, of which it takes the kind that belongs to a session. Behind a pooler it
 * would be taken on one connection and given back on another, so that the next server would wait
 * for it for an hour. The other kind, of the same number, ends with the transaction.
 */
const KYSELYS_LOCK = 3853314791062309107n;

/**
 * How long a migration may wait for a table: less than requests wait for it behind the migration
 * (`CHIT_LOCK_TIMEOUT_SECONDS`), so that none of them fails.
 */
const LOCK_TIMEOUT_MS = 500;
const PAUSE_MS = 1_000;
/** At least three minutes, for a backup, a look at the whole ledger or an upgrade to end. */
const MOST_ATTEMPTS = 120;
/** Codes of PostgreSQL (appendix A of its manual). */
const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK_DETECTED = '40P01';

/** The newest migration of this version. */
export const NEWEST_MIGRATION = Object.keys(MIGRATIONS).at(-1) as string;

/** Whether this version has a migration of this name. */
export function isKnownMigration(name: string): boolean {
  return name in MIGRATIONS;
}

/**
 * How the name of a migration ends after which versions before it go on working: with the number of
 * the last migration that they have to know. The name is all that they can read of a migration that
 * came after them (decision 42).
 */
const SINCE = /\.since-(\d{4})$/;

/** A newer version of the program migrated the database, so this one cannot use it. */
export class NewerDatabase extends Error {
  constructor(migration: string) {
    super(
      `The database was upgraded by a newer version of Chit (migration ${migration}), ` +
        'which this version does not know. Use that version or a newer one.',
    );
  }
}

/** The table that a database has while another one is being moved into it. */
export const MOVE_PROGRESS = 'move_progress';

/** Only a part of another database was moved into this one, so nobody may use it yet. */
export class UnfinishedMove extends Error {
  constructor() {
    super(
      'Another database is being moved into this one, or that was broken off, so a part of it is ' +
        'missing. Run the same `chit move` again: it goes on where it was.',
    );
  }
}

/** All migrations by name, in the order in which they run. */
export function migrationsFor(flavour: SqlFlavour): Record<string, Migration> {
  return Object.fromEntries(
    Object.entries(MIGRATIONS).map(([name, migration]) => [
      name,
      { up: (transaction: Kysely<unknown>) => migration.up(transaction, flavour) },
    ]),
  );
}

/**
 * Brings the database to the newest schema. Safe to run again and from several processes, and while
 * servers of an earlier version work on the database. A newer version may have upgraded it further,
 * if its migrations say that this version can go on.
 * @returns the names of the migrations that this call carried out, in order
 * @throws NewerDatabase, UnfinishedMove
 */
export async function migrateToLatest(db: Kysely<never>, flavour: SqlFlavour): Promise<string[]> {
  if (await hasTable(db, flavour.database, MOVE_PROGRESS)) throw new UnfinishedMove();
  const migrations = migrationsFor(flavour);
  try {
    return await migrateBesideServers(() =>
      (flavour.database === 'PostgreSQL' ? migrateAtOnce : migrate)(db, migrations),
    );
  } catch (error) {
    const applied = await appliedTo(db).catch(() => {
      throw error;
    });
    const obstacle = obstacleFor(Object.keys(migrations), applied);
    if (obstacle !== undefined) throw new NewerDatabase(obstacle);
    // The migrator refuses whatever it does not know.
    if (applied.every((name) => name in migrations)) throw error;
    return [];
  }
}

/**
 * Tries again while others are in the way: with a long read or in a deadlock, on SQLite with a long
 * write, such as the same upgrade by a server that was started a moment before.
 */
async function migrateBesideServers(attemptIt: () => Promise<string[]>): Promise<string[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptIt();
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !isInTheWay(error)) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/** All or nothing, in one transaction. */
async function migrateAtOnce(db: Kysely<never>, migrations: Record<string, Migration>) {
  const applied = await appliedTo(db);
  const isOlder = applied.length > 0 && applied.length < Object.keys(migrations).length;
  return db.transaction().execute(async (transaction) => {
    await sql`SELECT pg_advisory_xact_lock(${sql.lit(KYSELYS_LOCK)})`.execute(transaction);
    await sql`SELECT set_config('lock_timeout', ${`${LOCK_TIMEOUT_MS}`}, true)`.execute(
      transaction,
    );
    // Every batch of the ledger locks accounts first. Once none is under way and none can begin, no
    // batch has what a migration needs while it waits for what the migration has.
    if (isOlder) await sql`LOCK TABLE accounts IN EXCLUSIVE MODE`.execute(transaction);
    return migrate(transaction, migrations);
  });
}

function isInTheWay(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === LOCK_NOT_AVAILABLE || code === DEADLOCK_DETECTED || isBusy(error);
}

async function migrate(
  db: Kysely<never>,
  migrations: Record<string, Migration>,
): Promise<string[]> {
  // What the migrator does after a failure fails as well where the transaction is aborted, and it
  // would tell of that in place of the failure.
  let failure: { readonly cause: unknown } | undefined;
  const watched = Object.entries(migrations).map(([name, { up }]): [string, Migration] => [
    name,
    {
      up: (transaction) =>
        up(transaction).catch((cause: unknown) => {
          failure ??= { cause };
          throw cause;
        }),
    },
  ]);
  const provider = { getMigrations: async () => Object.fromEntries(watched) };
  const { error, results } = await new Migrator({ db, provider }).migrateToLatest();
  if (error) throw failure?.cause ?? error;
  return (results ?? []).filter((it) => it.status === 'Success').map((it) => it.migrationName);
}

/**
 * Whether a database is of an earlier version, so that `migrateToLatest` would upgrade it.
 * @returns its newest migration; undefined for a new database, and for one of a newer version
 */
export async function upgradesFrom(db: Kysely<never>): Promise<string | undefined> {
  const applied = await appliedTo(db);
  const isOlder = applied.length < Object.keys(MIGRATIONS).length;
  return isOlder && applied.every(isKnownMigration) ? applied.at(-1) : undefined;
}

/**
 * Which migration keeps a program from working on a database.
 * @param known the migrations of the program
 * @param applied those of the database
 * @returns its name; undefined if the program can work on it, perhaps after migrating it
 */
export function obstacleFor(
  known: readonly string[],
  applied: readonly string[],
): string | undefined {
  const newer = applied.filter((name) => !known.includes(name));
  const newest = Number(known.at(-1)?.slice(0, 4));
  const isComplete = known.every((name) => applied.includes(name));
  return newer.find((name) => {
    const since = SINCE.exec(name)?.[1];
    return since === undefined || Number(since) > newest || !isComplete;
  });
}

/** Whether a database has a table of this name. */
export async function hasTable(
  db: Kysely<never>,
  database: SqlFlavour['database'],
  name: string,
): Promise<boolean> {
  const { rows } =
    database === 'SQLite'
      ? await sql`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ${name}`.execute(db)
      : await sql`SELECT 1 FROM pg_class WHERE oid = to_regclass(${name})`.execute(db);
  return rows.length > 0;
}

/**
 * How the schema of a database relates to this version: `none` if it is not a database of Chit.
 */
export async function schemaAge(db: Kysely<never>): Promise<'none' | 'older' | 'newest' | 'newer'> {
  const applied = await appliedTo(db);
  if (applied.length === 0) return 'none';
  if (!applied.every(isKnownMigration)) return 'newer';
  return applied.length < Object.keys(MIGRATIONS).length ? 'older' : 'newest';
}

/** The migrations that the database has had, in order; none if it is new. */
async function appliedTo(db: Kysely<never>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`SELECT name FROM kysely_migration ORDER BY name`
    .execute(db)
    .catch((error: unknown) => {
      if (isNoSuchTable(error)) return { rows: [] };
      throw error;
    });
  return rows.map(({ name }) => name);
}
