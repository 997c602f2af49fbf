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
  /** Statements after which the database itself refuses UPDATE and DELETE on a table. */
  refuseChanges(table: string): string[];
  /** Statements that make what the ledger's engine calls in the database, if it calls anything. */
  readonly ledgerFunctions: readonly string[];
}

export const SQLITE_FLAVOUR: SqlFlavour = {
  integer: 'integer',
  id: 'text',
  strict: ' STRICT',
  clustered: ' STRICT, WITHOUT ROWID',
  refuseChanges: (table) =>
    ['UPDATE', 'DELETE'].map(
      (action) => `CREATE TRIGGER ${table}_refuse_${action.toLowerCase()}
        BEFORE ${action} ON ${table}
        BEGIN SELECT RAISE(ABORT, 'rows of ${table} are never changed'); END`,
    ),
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
