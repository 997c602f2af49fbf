import { POSTGRES_LEDGER_BOOKINGS } from './postgres-ledger-bookings.ts';
import { POSTGRES_LEDGER_ENDINGS } from './postgres-ledger-endings.ts';
import { POSTGRES_LEDGER_FUNCTION } from './postgres-ledger-function.ts';

/** What migrations need to know of a database to write the same tables for it. */
export interface SqlFlavour {
  /** A 64-bit integer column. */
  readonly integer: string;
  /** A text column that is looked up and sorted byte by byte. */
  readonly id: string;
  /** Table options that make the database check column types, if it has to be asked. */
  readonly strict: string;
  /** As `strict`, for a table that is stored in the order of its text key, if there is such. */
  readonly clustered: string;
  /**
   * Statements after which the database itself refuses to change and delete rows of a table, and to
   * put others in their place.
   * @param keys all of its unique keys, each as its columns
   */
  refuseChanges(table: string, keys: readonly (readonly string[])[]): string[];
  /** Statements that make what the ledger's engine calls in the database, if it calls anything. */
  readonly ledgerFunctions: readonly string[];
}

export const SQLITE_FLAVOUR: SqlFlavour = {
  integer: 'integer',
  id: 'text',
  strict: ' STRICT',
  clustered: ' STRICT, WITHOUT ROWID',
  refuseChanges: (table, keys) => {
    const refuse = `BEGIN SELECT RAISE(ABORT, 'rows of ${table} are never changed'); END`;
    const same = keys.map((columns) => columns.map((it) => `${it} = NEW.${it}`).join(' AND '));
    // INSERT OR REPLACE deletes rows and lets no trigger know that is for deleting.
    const isThere = same.map((it) => `EXISTS (SELECT 1 FROM ${table} WHERE ${it})`).join(' OR ');
    return [
      `CREATE TRIGGER ${table}_refuse_update BEFORE UPDATE ON ${table} ${refuse}`,
      `CREATE TRIGGER ${table}_refuse_delete BEFORE DELETE ON ${table} ${refuse}`,
      `CREATE TRIGGER ${table}_refuse_replace BEFORE INSERT ON ${table}
        WHEN ${isThere} ${refuse}`,
    ];
  },
  ledgerFunctions: [],
};

export const POSTGRES_FLAVOUR: SqlFlavour = {
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
  ledgerFunctions: [
    // They name each other, so their bodies can be checked only once all of them are there.
    'SET LOCAL check_function_bodies = off',
    ...POSTGRES_LEDGER_BOOKINGS,
    ...POSTGRES_LEDGER_ENDINGS,
    POSTGRES_LEDGER_FUNCTION,
  ],
};
