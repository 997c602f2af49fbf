import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/** The site's own name, colours and texts, in one row, and the logo. */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const { database, integer, id, strict } = flavour;
  const blob = database === 'SQLite' ? 'blob' : 'bytea';
  const statements = [
    `CREATE TABLE site_appearance (
      id ${integer} PRIMARY KEY CHECK (id = 1),
      content text NOT NULL,
      changed_at ${integer} NOT NULL
    )${strict}`,
    `CREATE TABLE site_logos (
      hash ${id} PRIMARY KEY,
      media_type text NOT NULL,
      data ${blob} NOT NULL
    )${strict}`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
