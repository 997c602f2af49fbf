import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Chats that are pinned, archived, in folders or temporary; titles that a model made; and the index
 * of a search (decision 47). Triggers keep the index right whoever writes: what is added otherwise
 * than by a hold, such as an import, is queued, and what is erased leaves the index at once. What a
 * hold and its end write sets off neither.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const search = flavour.database === 'SQLite' ? SQLITE_SEARCH : POSTGRES_SEARCH;
  for (const statement of [...order(flavour), ...search]) await sql.raw(statement).execute(db);
}

function order({ integer, id, strict }: SqlFlavour): string[] {
  return [
    `CREATE TABLE folders (
      id ${id} PRIMARY KEY,
      user_id ${integer} NOT NULL REFERENCES users (id),
      name text NOT NULL,
      created_at ${integer} NOT NULL
    )${strict}`,
    'CREATE INDEX folders_by_user ON folders (user_id)',
    `ALTER TABLE conversations ADD COLUMN pinned_at ${integer}`,
    `ALTER TABLE conversations ADD COLUMN archived_at ${integer}`,
    `ALTER TABLE conversations ADD COLUMN folder_id ${id} REFERENCES folders (id)`,
    `ALTER TABLE conversations ADD COLUMN is_temporary ${integer} NOT NULL DEFAULT 0
      CHECK (is_temporary IN (0, 1))`,
    `CREATE INDEX conversations_in_folder ON conversations (folder_id)
      WHERE folder_id IS NOT NULL`,
    `CREATE INDEX conversations_temporary ON conversations (updated_at) WHERE is_temporary = 1`,
    `CREATE TABLE title_generations (
      id ${id} PRIMARY KEY,
      conversation_id ${id} NOT NULL UNIQUE,
      user_id ${integer} NOT NULL REFERENCES users (id),
      created_at ${integer} NOT NULL
    )${strict}`,
    `CREATE TABLE search_progress (
      id ${integer} PRIMARY KEY CHECK (id = 1),
      mark ${id} NOT NULL
    )${strict}`,
    "INSERT INTO search_progress (id, mark) VALUES (1, '')",
    `CREATE TABLE search_queue (message_id ${id} PRIMARY KEY)${strict}`,
  ];
}

const SQLITE_SEARCH = [
  `CREATE TABLE search_documents (
    doc integer PRIMARY KEY,
    message_id text NOT NULL UNIQUE
  ) STRICT`,
  `CREATE VIRTUAL TABLE search_index USING fts5 (
    terms, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
  )`,
  // It would merge within a commit, and as much as there is; the server does it a little at a time.
  "INSERT INTO search_index (search_index, rank) VALUES ('automerge', 0)",
  `CREATE TRIGGER search_queue_added AFTER INSERT ON messages
    WHEN NEW.status <> 'pending' AND NEW.is_relayed = 0
    BEGIN INSERT OR IGNORE INTO search_queue (message_id) VALUES (NEW.id); END`,
  `CREATE TRIGGER search_forget_erased AFTER UPDATE OF erased_at ON messages
    WHEN NEW.erased_at IS NOT NULL
    BEGIN
      DELETE FROM search_documents WHERE message_id = NEW.id;
    END`,
  `CREATE TRIGGER search_documents_gone AFTER DELETE ON search_documents
    BEGIN DELETE FROM search_index WHERE rowid = OLD.doc; END`,
];

const POSTGRES_SEARCH = [
  `CREATE TABLE search_documents (
    message_id text COLLATE "C" PRIMARY KEY,
    user_id bigint NOT NULL,
    terms smallint[] NOT NULL
  )`,
  'CREATE INDEX search_documents_by_user ON search_documents (user_id)',
  'CREATE INDEX search_documents_by_term ON search_documents USING gin (terms)',
  `CREATE FUNCTION search_queue_added() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO search_queue (message_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER search_queue_added AFTER INSERT ON messages FOR EACH ROW
    WHEN (NEW.status <> 'pending' AND NEW.is_relayed = 0)
    EXECUTE FUNCTION search_queue_added()`,
  `CREATE FUNCTION search_forget_erased() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      DELETE FROM search_documents WHERE message_id = NEW.id;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER search_forget_erased AFTER UPDATE OF erased_at ON messages FOR EACH ROW
    WHEN (NEW.erased_at IS NOT NULL)
    EXECUTE FUNCTION search_forget_erased()`,
];
