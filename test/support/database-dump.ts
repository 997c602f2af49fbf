/**
 * A whole database as SQL text, and back: what `pg_dump` and the shell of SQLite do, which need not
 * be installed where the tests run.
 */
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';

/** What a database has. Both parts together make the same database in an empty one. */
export interface DatabaseDump {
  /** Statements that create tables, constraints, indexes, functions and triggers, by name. */
  readonly schema: string;
  /** The whole database: tables, then rows, then everything else. */
  readonly sql: string;
}

/** Dumps the database of a `CHIT_DATABASE_URL`. */
export function dumpDatabase(url: string): Promise<DatabaseDump> {
  return url.startsWith('sqlite:') ? dumpSqlite(url) : dumpPostgres(url);
}

/** Runs the `sql` of a dump in an empty database. */
export async function loadDump(url: string, text: string): Promise<void> {
  if (url.startsWith('sqlite:')) {
    const database = new DatabaseSync(url.slice('sqlite:'.length));
    database.exec(text);
    database.close();
    return;
  }
  await withClient(url, async (client) => void (await client.query(text)));
}

type Row = Record<string, string | number | bigint | null | readonly number[]>;

async function dumpSqlite(url: string): Promise<DatabaseDump> {
  const database = new DatabaseSync(url.slice('sqlite:'.length), { readOnly: true });
  try {
    const all = database
      .prepare(`SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name`)
      .all() as { type: string; name: string; sql: string }[];
    const objects = all.filter(({ name }) => !name.startsWith('search_index_'));
    const tables = objects.filter(({ type }) => type === 'table');
    const rest = objects.filter(({ type }) => type !== 'table');
    const statementsOf = (list: typeof objects) => list.map(({ sql }) => `${sql};\n`).join('\n');
    const rows = tables.flatMap(({ name }) => {
      // What an index of searches contains is made anew.
      if (name === 'search_index') return [];
      const read = database.prepare(`SELECT * FROM ${name}`);
      read.setReadBigInts(true);
      return insertsOf(name, read.all() as Row[]);
    });
    const schema = [statementsOf(tables), statementsOf(rest)] as const;
    return {
      schema: schema.join('\n'),
      sql: `PRAGMA foreign_keys = OFF;\n\n${schema[0]}\n${rows.join('')}\n${schema[1]}`,
    };
  } finally {
    database.close();
  }
}

function dumpPostgres(url: string): Promise<DatabaseDump> {
  return withClient(url, async (client) => {
    const statements = async (query: string) => {
      const { rows } = await client.query<{ sql: string }>(query);
      return rows.map(({ sql }) => `${sql.trim()};\n`).join('');
    };
    const tables = await statements(POSTGRES_TABLES);
    const rest = [
      'SET check_function_bodies = off;\n',
      await statements(POSTGRES_CONSTRAINTS),
      await statements(POSTGRES_INDEXES),
      await statements(POSTGRES_FUNCTIONS),
      await statements(POSTGRES_TRIGGERS),
    ].join('\n');
    const { rows: names } = await client.query<{ name: string }>(POSTGRES_TABLE_NAMES);
    const rows: string[] = [];
    for (const { name } of names) {
      const table = await client.query<Row>(`SELECT * FROM ${name} t ORDER BY t::text COLLATE "C"`);
      rows.push(...insertsOf(name, table.rows));
    }
    return { schema: `${tables}\n${rest}`, sql: `${tables}\n${rows.join('')}\n${rest}` };
  });
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The driver of PostgreSQL gives a bigint as text, which either database takes for one. */
function insertsOf(table: string, rows: readonly Row[]): string[] {
  return rows.map((row) => {
    const values = Object.values(row).map((value) => {
      if (value === null) return 'NULL';
      if (Array.isArray(value)) return `'{${value.join(',')}}'`;
      return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
    });
    const columns = Object.keys(row).join(', ');
    return `INSERT INTO ${table} (${columns})\nVALUES (${values.join(', ')});\n`;
  });
}

const POSTGRES_TABLE_NAMES = `SELECT relname AS name FROM pg_class
  WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname`;

const POSTGRES_TABLES = `
  SELECT 'CREATE TABLE ' || c.relname || E' (\\n' || string_agg(
    '  ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
      || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE "' || l.collname || '"'
        ELSE '' END
      || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
      || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
    E',\\n' ORDER BY a.attnum) || E'\\n)' AS sql
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_collation l ON l.oid = a.attcollation
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
  GROUP BY c.relname ORDER BY c.relname`;

/** Foreign keys last, since they need the keys that they refer to. */
const POSTGRES_CONSTRAINTS = `
  SELECT 'ALTER TABLE ' || r.relname || ' ADD CONSTRAINT ' || c.conname || E'\\n  '
    || pg_get_constraintdef(c.oid) AS sql
  FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
  WHERE c.connamespace = 'public'::regnamespace AND c.contype IN ('p', 'u', 'c', 'f')
  ORDER BY c.contype = 'f', r.relname, c.conname`;

const POSTGRES_INDEXES = `
  SELECT indexdef AS sql FROM pg_indexes
  WHERE schemaname = 'public' AND indexname NOT IN (SELECT conname FROM pg_constraint)
  ORDER BY indexname`;

const POSTGRES_FUNCTIONS = `
  SELECT pg_get_functiondef(oid) AS sql FROM pg_proc
  WHERE pronamespace = 'public'::regnamespace ORDER BY proname`;

const POSTGRES_TRIGGERS = `
  SELECT pg_get_triggerdef(t.oid) AS sql FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid
  WHERE NOT t.tgisinternal AND r.relnamespace = 'public'::regnamespace ORDER BY t.tgname`;
