/**
 * Tables as they are moved between databases: every value is text or null, so that nothing depends
 * on how a driver reads integers, and rows are in the order of their key, byte by byte.
 */
import { createHash } from 'node:crypto';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { isStorable } from '../../core/storable-text.ts';
import type { Database } from '../database/schema.ts';
import type { SqlFlavour } from '../database/sql-flavour.ts';

/** Nothing was moved, or not all of it; the message says why and what to do. */
export class MoveFailure extends Error {}

export interface MovedColumn {
  readonly name: string;
  /** The type as the database calls it. */
  readonly type: string;
  readonly isText: boolean;
  /** Whether it has bytes, which are moved in hexadecimal. */
  readonly isBytes: boolean;
}

export interface MovedTable {
  readonly name: string;
  /** Sorted by name, since databases that were upgraded have them in another order. */
  readonly columns: readonly MovedColumn[];
  /** The columns of the primary key, in its order. */
  readonly key: readonly MovedColumn[];
}

/** The values of the columns of a table; integers are decimal, bytes hexadecimal. */
export type MovedRow = readonly (string | null)[];

/** A database that is read or written while it is moved. */
export interface MovedDatabase {
  readonly kind: SqlFlavour['database'];
  readonly db: Kysely<Database>;
}

/** A column as the database describes it. */
export interface DescribedColumn {
  readonly table_name: string;
  readonly name: string;
  readonly type: string;
  /** From 1, if it belongs to the primary key. */
  readonly pk: number;
}

/**
 * Tables that belong to a database itself, or only to servers that run, and are not moved; the
 * index of searches is made anew.
 */
const OWN_TABLES: readonly string[] = [
  'search_documents',
  'search_progress',
  'search_queue',
  'limit_counts',
  'servers',
  'kysely_migration',
  'kysely_migration_lock',
  'move_progress',
];
const INTEGERS: readonly string[] = ['integer', 'bigint', 'smallint'];
const BYTES: readonly string[] = ['blob', 'bytea'];
const TEXT = /^(text|character varying.*|varchar.*)$/;

/** Rows are read and written together up to so many rows or bytes. */
const ROWS_AT_ONCE = 1_000;
/** The same of rows with bytes. */
const PIECES_AT_ONCE = 16;
const BYTES_AT_ONCE = 4_000_000;

/**
 * The tables of a description.
 * @throws MoveFailure for a table or a type that cannot be moved: a defect of the program
 */
export function tablesFrom(described: readonly DescribedColumn[]): MovedTable[] {
  const ours = described.filter((it) => !isOwnTable(it.table_name));
  const names = [...new Set(ours.map((it) => it.table_name))].toSorted();
  return names.map((name) => {
    const all = ours.filter((it) => it.table_name === name);
    const columns = all.map(toColumn).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const key = all
      .filter(({ pk }) => pk > 0)
      .toSorted((a, b) => a.pk - b.pk)
      .map(toColumn);
    if (key.length === 0) throw new MoveFailure(`The table ${name} has no primary key.`);
    return { name, columns, key };
  });
}

/** SQLite keeps a full-text index in tables of its own, named after the index. */
function isOwnTable(name: string): boolean {
  return OWN_TABLES.includes(name) || name.startsWith('search_index');
}

function toColumn({ table_name: table, name, type: as }: DescribedColumn): MovedColumn {
  const type = as.toLowerCase();
  const isText = TEXT.test(type);
  const isBytes = BYTES.includes(type);
  if (!isText && !isBytes && !INTEGERS.includes(type)) {
    throw new MoveFailure(`${table}.${name} has the type ${as}, which cannot be moved.`);
  }
  return { name, type, isText, isBytes };
}

/** How many rows a table has. */
export async function countRows({ db }: MovedDatabase, table: MovedTable): Promise<number> {
  const { rows } = await sql<{ count: number | string }>`
    SELECT count(*) AS count FROM ${sql.id(table.name)}`.execute(db);
  return Number(rows[0]?.count);
}

/**
 * Reads the next rows of a table.
 * @param after the key of the last row before them
 * @throws MoveFailure if there is text that not every database can store
 */
export async function readRows(
  { db, kind }: MovedDatabase,
  table: MovedTable,
  after: MovedRow | undefined,
): Promise<MovedRow[]> {
  const { columns } = table;
  const names = sql.join(columns.map(({ name }) => sql.id(name)));
  const texts = columns.filter(({ isText }) => isText);
  const lengths = texts.map(({ name }) => sql`coalesce(octet_length(${sql.id(name)}), 0)`);
  const bytes = lengths.length === 0 ? sql`0` : sql.join(lengths, sql` + `);
  // All columns of so many rows are read to know how many fit.
  const rowsAtOnce = columns.some(({ isBytes }) => isBytes) ? PIECES_AT_ONCE : ROWS_AT_ONCE;
  const order = sql.join(table.key.map((column) => sortable(column, kind)));
  const begin = after && sql`WHERE (${order}) > (${keyValues(table, after, kind)})`;
  const selected = columns.map(
    (column, index) => sql`${asText(column, kind)} AS ${sql.id(`c${index}`)}`,
  );
  const { rows } = await sql<Record<string, string | null> & { bytes: string | number }>`
    SELECT ${sql.join(selected)}, bytes FROM (
      SELECT ${names}, bytes, sum(bytes) OVER (ORDER BY ${order}) AS bytes_until FROM (
        SELECT ${names}, ${bytes} AS bytes FROM ${sql.id(table.name)} ${begin ?? sql``}
        ORDER BY ${order} LIMIT ${sql.lit(rowsAtOnce)}
      ) AS next_rows
    ) AS measured WHERE bytes_until - bytes < ${sql.lit(BYTES_AT_ONCE)}
    ORDER BY ${order}`.execute(db);
  return rows.map((row) => {
    const values = columns.map((_, index) => row[`c${index}`] ?? null);
    requireWhole(table, values, Number(row.bytes));
    return values;
  });
}

function asText({ name, isBytes }: MovedColumn, kind: MovedDatabase['kind']): RawBuilder<unknown> {
  if (!isBytes) return sql`CAST(${sql.id(name)} AS text)`;
  return kind === 'SQLite' ? sql`lower(hex(${sql.id(name)}))` : sql`encode(${sql.id(name)}, 'hex')`;
}

/** The key of a row, to read on after it. */
export function keyOf({ columns, key }: MovedTable, row: MovedRow): MovedRow {
  return key.map(({ name }) => row[columns.findIndex((it) => it.name === name)] ?? null);
}

/** PostgreSQL sorts text by language, unless it is told otherwise. */
function sortable({ name, isText }: MovedColumn, kind: MovedDatabase['kind']): RawBuilder<unknown> {
  return isText && kind === 'PostgreSQL' ? sql`${sql.id(name)} COLLATE "C"` : sql.id(name);
}

function keyValues({ key }: MovedTable, after: MovedRow, kind: MovedDatabase['kind']) {
  const values = key.map(({ isText }, index) => {
    const value = after[index];
    if (!isText) return sql`CAST(${value} AS bigint)`;
    return kind === 'PostgreSQL' ? sql`CAST(${value} AS text) COLLATE "C"` : sql`${value}`;
  });
  return sql.join(values);
}

/** A driver may end text at U+0000, and must replace what is not UTF-8: then bytes are missing. */
function requireWhole(table: MovedTable, row: MovedRow, bytes: number): void {
  const texts = table.columns.map(({ isText }, index) => (isText ? (row[index] ?? '') : ''));
  const isWhole = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) === bytes;
  if (isWhole && texts.every(isStorable)) return;
  const found = table.columns[texts.findIndex((text) => !isStorable(text))];
  const column = found ? `, column ${found.name},` : '';
  throw new MoveFailure(
    `A row of ${table.name}${column} has text with U+0000 or that is not UTF-8, which PostgreSQL ` +
      `cannot store: the one with the key ${JSON.stringify(keyOf(table, row))}. Chit stores no ` +
      'such text. Correct it with a program for the database, then move again.',
  );
}

/** Adds rows to a table. */
export async function insertRows(
  { db, kind }: MovedDatabase,
  { name, columns }: MovedTable,
  rows: readonly MovedRow[],
): Promise<void> {
  const names = sql.join(columns.map((it) => sql.id(it.name)));
  const json = JSON.stringify(rows);
  const values = columns.map(({ isText, isBytes, type }, index) => {
    const value = sql`value ->> ${sql.lit(index)}`;
    if (isBytes) return kind === 'SQLite' ? sql`unhex(${value})` : sql`decode(${value}, 'hex')`;
    return isText ? value : sql`CAST(${value} AS ${sql.raw(type)})`;
  });
  const from =
    kind === 'SQLite'
      ? sql`json_each(${json})`
      : sql`json_array_elements(CAST(${json} AS json)) AS rows (value)`;
  await sql`INSERT INTO ${sql.id(name)} (${names}) SELECT ${sql.join(values)} FROM ${from}`.execute(
    db,
  );
}

/** What a table contains, in a form that is the same in every database. */
export interface TableContent {
  readonly rows: number;
  /** SHA-256 of all rows, as JSON, in the order of their key. */
  readonly hash: string;
}

/** Reads a whole table. @param onRows is told how many rows were read since it was told last */
export async function contentOf(
  database: MovedDatabase,
  table: MovedTable,
  onRows: (count: number) => void = () => undefined,
): Promise<TableContent> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(table.columns.map(({ name }) => name)));
  let count = 0;
  let after: MovedRow | undefined;
  for (;;) {
    const rows = await readRows(database, table, after);
    const last = rows.at(-1);
    if (!last) break;
    for (const row of rows) hash.update(`\n${JSON.stringify(row)}`);
    count += rows.length;
    onRows(rows.length);
    after = keyOf(table, last);
  }
  return { rows: count, hash: hash.digest('hex') };
}
