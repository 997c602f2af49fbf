import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import * as initial from './migrations/0001-initial.ts';
import * as administration from './migrations/0002-administration.ts';
import type { SqlFlavour } from './sql-flavour.ts';

const MIGRATIONS: Record<string, { up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> }> =
  {
    '0001-initial': initial,
    '0002-administration': administration,
  };

/**
 * Brings the database to the newest schema. Safe to run again and from several processes.
 * @returns the names of the migrations that this call carried out, in order
 */
export async function migrateToLatest(db: Kysely<never>, flavour: SqlFlavour): Promise<string[]> {
  const migrations: Record<string, Migration> = {};
  for (const [name, migration] of Object.entries(MIGRATIONS)) {
    migrations[name] = { up: (transaction) => migration.up(transaction, flavour) };
  }
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error, results } = await migrator.migrateToLatest();
  if (error) throw error;
  return (results ?? []).filter((it) => it.status === 'Success').map((it) => it.migrationName);
}
