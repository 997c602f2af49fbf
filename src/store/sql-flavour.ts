/** What migrations need to know of a database to write the same tables for it. */
export interface SqlFlavour {
  /** A 64-bit integer column. */
  readonly integer: string;
  /** Table options that make the database check column types, if it has to be asked. */
  readonly strict: string;
  /** As `strict`, for a table that is stored in the order of its text key, if there is such. */
  readonly clustered: string;
  /** Statements after which the database itself refuses UPDATE and DELETE on a table. */
  refuseChanges(table: string): string[];
}

export const SQLITE_FLAVOUR: SqlFlavour = {
  integer: 'integer',
  strict: ' STRICT',
  clustered: ' STRICT, WITHOUT ROWID',
  refuseChanges: (table) =>
    ['UPDATE', 'DELETE'].map(
      (action) => `CREATE TRIGGER ${table}_refuse_${action.toLowerCase()}
        BEFORE ${action} ON ${table}
        BEGIN SELECT RAISE(ABORT, '${table} are never changed: book another one'); END`,
    ),
};
