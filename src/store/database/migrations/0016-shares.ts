import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * What is shared, until when, and whether as a snapshot. In a table of its own, since a server of
 * an earlier version would show a snapshot live: it does not find these tokens.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const { integer, id, strict } = flavour;
  const statements = [
    `CREATE TABLE shares (
      conversation_id ${id} PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
      token ${id} NOT NULL UNIQUE,
      is_snapshot ${integer} NOT NULL CHECK (is_snapshot IN (0, 1)),
      leaf_id ${id},
      title text,
      shows_name ${integer} NOT NULL CHECK (shows_name IN (0, 1)),
      expires_at ${integer},
      created_at ${integer} NOT NULL,
      CHECK ((is_snapshot = 1) = (title IS NOT NULL)),
      CHECK (is_snapshot = 1 OR leaf_id IS NULL)
    )${strict}`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
