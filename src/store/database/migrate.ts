import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import * as initial from './migrations/0001-initial.ts';
import * as administration from './migrations/0002-administration.ts';
import * as codesAndNames from './migrations/0003-codes-and-names.ts';
import * as signIn from './migrations/0004-sign-in.ts';
import * as endings from './migrations/0005-endings.ts';
import * as usageByUnit from './migrations/0006-usage-by-unit.ts';
import * as limits from './migrations/0007-limits.ts';
import type { SqlFlavour } from './sql-flavour.ts';

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
  };

/** The newest migration of this version. */
export const NEWEST_MIGRATION = Object.keys(MIGRATIONS).at(-1) as string;

/** Whether this version has a migration of this name. */
export function isKnownMigration(name: string): boolean {
  return name in MIGRATIONS;
}

/** A newer version of the program migrated the database, so this one cannot use it. */
export class NewerDatabase extends Error {
  constructor(migration: string) {
    super(
      `The database was upgraded by a newer version of Chit (migration ${migration}), ` +
        'which this version does not know. Use that version or a newer one.',
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
 * Brings the database to the newest schema. Safe to run again and from several processes.
 * @returns the names of the migrations that this call carried out, in order
 * @throws NewerDatabase
 */
export async function migrateToLatest(db: Kysely<never>, flavour: SqlFlavour): Promise<string[]> {
  const migrations = migrationsFor(flavour);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error, results } = await migrator.migrateToLatest();
  if (error) throw (await newerDatabase(db, migrations)) ?? error;
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

/** Whether the migrator failed because the database has migrations that it does not know. */
async function newerDatabase(
  db: Kysely<never>,
  known: Record<string, Migration>,
): Promise<NewerDatabase | undefined> {
  const unknown = (await appliedTo(db)).find((name) => !(name in known));
  return unknown === undefined ? undefined : new NewerDatabase(unknown);
}

/** The migrations of a database, in order; none if it has no tables. */
async function appliedTo(db: Kysely<never>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`SELECT name FROM kysely_migration ORDER BY name`
    .execute(db)
    .catch(() => ({ rows: [] }));
  return rows.map(({ name }) => name);
}
