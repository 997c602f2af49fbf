import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Files in chats: each is stored once for its user, in pieces, and messages refer to it (decision
 * 45).
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const { database, id, integer, strict, clustered } = flavour;
  const blob = database === 'SQLite' ? 'blob' : 'bytea';
  const statements = [
    `CREATE TABLE files (
      id ${id} PRIMARY KEY,
      user_id ${integer} NOT NULL REFERENCES users (id),
      hash ${id} NOT NULL,
      name text NOT NULL,
      kind text NOT NULL CHECK (kind IN ('picture', 'pdf', 'text', 'document')),
      media_type text NOT NULL,
      size ${integer} NOT NULL CHECK (size >= 0),
      width ${integer},
      height ${integer},
      pages ${integer},
      text_bytes ${integer},
      is_stored ${integer} NOT NULL CHECK (is_stored IN (0, 1)),
      pending_since ${integer},
      deleted_at ${integer},
      created_at ${integer} NOT NULL
    )${strict}`,
    'CREATE INDEX files_by_user ON files (user_id)',
    `CREATE UNIQUE INDEX files_once ON files (user_id, hash)
      WHERE is_stored = 1 AND deleted_at IS NULL`,
    'CREATE INDEX files_pending ON files (pending_since) WHERE pending_since IS NOT NULL',
    'CREATE INDEX files_deleted ON files (deleted_at) WHERE deleted_at IS NOT NULL',
    `CREATE TABLE file_pieces (
      file_id ${id} NOT NULL REFERENCES files (id),
      part ${integer} NOT NULL CHECK (part IN (0, 1)),
      piece ${integer} NOT NULL,
      data ${blob} NOT NULL,
      PRIMARY KEY (file_id, part, piece)
    )${strict}`,
    `CREATE TABLE message_files (
      message_id ${id} NOT NULL,
      position ${integer} NOT NULL,
      file_id ${id} NOT NULL REFERENCES files (id),
      name text NOT NULL,
      PRIMARY KEY (message_id, position)
    )${clustered}`,
    'CREATE INDEX message_files_by_file ON message_files (file_id)',
    // What is compressed already is not compressed again.
    ...(database === 'SQLite'
      ? []
      : ['ALTER TABLE file_pieces ALTER COLUMN data SET STORAGE EXTERNAL']),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
