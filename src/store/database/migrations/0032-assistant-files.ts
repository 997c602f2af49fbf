import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Files of assistants, and of the chats that were begun with them (decision 58), and what models
 * that sign their thoughts have to be told again in the next round. Files of shared assistants
 * belong to no user. Triggers keep servers of the version before from deleting a file that only an
 * assistant or a chat that it began has, and have a file looked at that loses one of them.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const { database, integer, id, clustered } = flavour;
  const statements = [
    ...(database === 'SQLite'
      ? FILES_OF_NOBODY
      : ['ALTER TABLE files ALTER COLUMN user_id DROP NOT NULL']),
    `CREATE TABLE prompt_files (
      prompt_id ${id} NOT NULL REFERENCES prompts (id) ON DELETE CASCADE,
      position ${integer} NOT NULL,
      file_id ${id} NOT NULL REFERENCES files (id),
      name text NOT NULL,
      PRIMARY KEY (prompt_id, position)
    )${clustered}`,
    'CREATE INDEX prompt_files_by_file ON prompt_files (file_id)',
    `CREATE TABLE conversation_files (
      conversation_id ${id} NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
      position ${integer} NOT NULL,
      file_id ${id} NOT NULL REFERENCES files (id),
      name text NOT NULL,
      PRIMARY KEY (conversation_id, position)
    )${clustered}`,
    'CREATE INDEX conversation_files_by_file ON conversation_files (file_id)',
    'ALTER TABLE tool_rounds ADD COLUMN thinking_blocks text',
    ...(database === 'SQLite' ? SQLITE : POSTGRES),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** SQLite of Node.js 24 cannot drop a constraint. What the files contain is in another table. */
const FILES_OF_NOBODY = [
  `CREATE TABLE new_files (
    id text PRIMARY KEY,
    user_id integer REFERENCES users (id),
    hash text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('picture', 'pdf', 'text', 'document')),
    media_type text NOT NULL,
    size integer NOT NULL CHECK (size >= 0),
    width integer,
    height integer,
    pages integer,
    text_bytes integer,
    is_stored integer NOT NULL CHECK (is_stored IN (0, 1)),
    pending_since integer,
    deleted_at integer,
    created_at integer NOT NULL
  ) STRICT`,
  `INSERT INTO new_files (id, user_id, hash, name, kind, media_type, size, width, height, pages,
      text_bytes, is_stored, pending_since, deleted_at, created_at)
    SELECT id, user_id, hash, name, kind, media_type, size, width, height, pages, text_bytes,
      is_stored, pending_since, deleted_at, created_at
    FROM files`,
  'DROP TABLE files',
  'ALTER TABLE new_files RENAME TO files',
  'CREATE INDEX files_by_user ON files (user_id)',
  `CREATE UNIQUE INDEX files_once ON files (user_id, hash)
    WHERE is_stored = 1 AND deleted_at IS NULL`,
  'CREATE INDEX files_pending ON files (pending_since) WHERE pending_since IS NOT NULL',
  'CREATE INDEX files_deleted ON files (deleted_at) WHERE deleted_at IS NOT NULL',
];

const IS_DELETED = 'OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL';
const IS_HAD = `EXISTS (SELECT 1 FROM prompt_files WHERE file_id = NEW.id)
  OR EXISTS (SELECT 1 FROM conversation_files WHERE file_id = NEW.id)`;
/** At the next turn of the sweeper, unless it is looked at later anyway. */
const LOOK_AT = `UPDATE files SET pending_since = 0
  WHERE id = OLD.file_id AND pending_since IS NULL AND deleted_at IS NULL`;
/**
 * Servers delete the files of a user before or after this. Shared files that were in the user's
 * messages are looked at once those are erased.
 */
const ERASE = `DELETE FROM conversation_files WHERE conversation_id IN
        (SELECT id FROM conversations WHERE user_id = NEW.id);
      DELETE FROM prompt_files WHERE prompt_id IN
        (SELECT id FROM prompts WHERE user_id = NEW.id);
      UPDATE files SET deleted_at = NEW.deleted_at, pending_since = NULL, name = '', hash = ''
        WHERE user_id = NEW.id AND deleted_at IS NULL;
      UPDATE files SET pending_since = 0
        WHERE user_id IS NULL AND pending_since IS NULL AND deleted_at IS NULL AND id IN
          (SELECT l.file_id FROM message_files l JOIN messages m ON m.id = l.message_id
            WHERE m.user_id = NEW.id);`;

const SQLITE = [
  `CREATE TRIGGER files_keep_had BEFORE UPDATE OF deleted_at ON files
    WHEN ${IS_DELETED} AND (${IS_HAD})
    BEGIN SELECT RAISE(IGNORE); END`,
  ...['prompt_files', 'conversation_files'].map(
    (table) => `CREATE TRIGGER ${table}_release AFTER DELETE ON ${table} BEGIN ${LOOK_AT}; END`,
  ),
  `CREATE TRIGGER users_erase_assistant_files AFTER UPDATE OF deleted_at ON users
    WHEN NEW.deleted_at IS NOT NULL
    BEGIN
      ${ERASE}
    END`,
];

const POSTGRES = [
  `CREATE FUNCTION files_keep_had() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF ${IS_HAD} THEN RETURN NULL; END IF;
      RETURN NEW;
    END $$`,
  `CREATE TRIGGER files_keep_had BEFORE UPDATE OF deleted_at ON files
    FOR EACH ROW WHEN (${IS_DELETED}) EXECUTE FUNCTION files_keep_had()`,
  `CREATE FUNCTION files_look_at() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      ${LOOK_AT};
      RETURN NULL;
    END $$`,
  ...['prompt_files', 'conversation_files'].map(
    (table) => `CREATE TRIGGER ${table}_release AFTER DELETE ON ${table}
      FOR EACH ROW EXECUTE FUNCTION files_look_at()`,
  ),
  `CREATE FUNCTION users_erase_assistant_files() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      ${ERASE}
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER users_erase_assistant_files AFTER UPDATE OF deleted_at ON users
    FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL)
    EXECUTE FUNCTION users_erase_assistant_files()`,
];
