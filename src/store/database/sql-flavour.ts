/**
 * What a migration needs to know of a database to write the same tables for it.
 *
 * Migrations that have run must never change what they make, and they write their SQL with what is
 * here. So nothing here may change: add a member, and leave the others alone.
 * `test/store/database/migrations.test.ts` compares the SQL of each migration with its hash.
 */
export interface SqlFlavour {
  readonly database: 'SQLite' | 'PostgreSQL';
  /** A 64-bit integer column. */
  readonly integer: string;
  /** A text column that is looked up and sorted byte by byte. */
  readonly id: string;
  /** Table options that make the database check column types, if it does not do so anyway. */
  readonly strict: string;
  /** As `strict`, for a table that is stored in the order of its text key, where possible. */
  readonly clustered: string;
  /**
   * Statements after which the database itself refuses to change, delete and replace rows of a
   * table.
   * @param keys all of its unique keys, each as its columns
   */
  refuseChanges(table: string, keys: readonly (readonly string[])[]): string[];
  /**
   * Statements that make the functions of the ledger's engine; none where it has no functions.
   * @param version the number of the migration that asks
   */
  ledgerFunctions(version: string): readonly string[];
}

/** Reads the SQL of a version of PostgreSQL's ledger functions, which the ledger keeps. */
export type LedgerFunctions = (version: string) => string;

export const SQLITE_FLAVOUR: SqlFlavour = {
  database: 'SQLite',
  integer: 'integer',
  id: 'text',
  strict: ' STRICT',
  clustered: ' STRICT, WITHOUT ROWID',
  refuseChanges: (table, keys) => {
    const refuse = `BEGIN SELECT RAISE(ABORT, 'rows of ${table} are never changed'); END`;
    const same = keys.map((columns) => columns.map((it) => `${it} = NEW.${it}`).join(' AND '));
    // INSERT OR REPLACE deletes rows without running triggers on deletion.
    const isThere = same.map((it) => `EXISTS (SELECT 1 FROM ${table} WHERE ${it})`).join(' OR ');
    return [
      `CREATE TRIGGER ${table}_refuse_update BEFORE UPDATE ON ${table} ${refuse}`,
      `CREATE TRIGGER ${table}_refuse_delete BEFORE DELETE ON ${table} ${refuse}`,
      `CREATE TRIGGER ${table}_refuse_replace BEFORE INSERT ON ${table}
        WHEN ${isThere} ${refuse}`,
    ];
  },
  ledgerFunctions: () => [],
};

/** @param ledgerFunctions passed in, since the store imports nothing from the ledger */
export function postgresFlavour(ledgerFunctions: LedgerFunctions): SqlFlavour {
  return {
    database: 'PostgreSQL',
    integer: 'bigint',
    id: 'text COLLATE "C"',
    strict: '',
    clustered: '',
    refuseChanges: (table) => [
      `CREATE FUNCTION ${table}_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'rows of ${table} are never changed'; END $$`,
      `CREATE TRIGGER ${table}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
      FOR EACH STATEMENT EXECUTE FUNCTION ${table}_refuse_change()`,
    ],
    ledgerFunctions: (version) => [
      // The functions call each other, so their bodies cannot be checked before all are there.
      'SET LOCAL check_function_bodies = off',
      ledgerFunctions(version),
    ],
  };
}
