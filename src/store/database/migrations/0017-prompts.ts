import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Default instructions of users, and prompts and assistants: a user's own, a group's or everybody's
 * (decision 50). The database itself erases them with their user and their group, so that servers
 * of the version before, which do not know of them, erase them too.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const { database, integer, id, strict } = flavour;
  const statements = [
    `CREATE TABLE default_instructions (
      user_id ${integer} PRIMARY KEY REFERENCES users (id),
      content text NOT NULL
    )${strict}`,
    `CREATE TABLE prompts (
      id ${id} PRIMARY KEY,
      kind text NOT NULL CHECK (kind IN ('prompt', 'assistant')),
      user_id ${integer} REFERENCES users (id),
      group_id ${id} REFERENCES groups (id),
      title text NOT NULL,
      content text NOT NULL,
      model text,
      created_at ${integer} NOT NULL,
      updated_at ${integer} NOT NULL,
      CHECK (user_id IS NULL OR group_id IS NULL),
      CHECK (kind = 'assistant' OR model IS NULL)
    )${strict}`,
    'CREATE INDEX prompts_by_user ON prompts (user_id) WHERE user_id IS NOT NULL',
    'CREATE INDEX prompts_by_group ON prompts (group_id) WHERE group_id IS NOT NULL',
    `CREATE INDEX prompts_of_all ON prompts (id) WHERE user_id IS NULL AND group_id IS NULL`,
    'ALTER TABLE conversations ADD COLUMN assistant text',
    ...(database === 'SQLite' ? SQLITE : POSTGRES),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const SQLITE = [
  `CREATE TRIGGER users_erase_prompts AFTER UPDATE OF deleted_at ON users
    WHEN NEW.deleted_at IS NOT NULL
    BEGIN
      DELETE FROM default_instructions WHERE user_id = NEW.id;
      DELETE FROM prompts WHERE user_id = NEW.id;
    END`,
  `CREATE TRIGGER groups_erase_prompts AFTER UPDATE OF ended_at ON groups
    WHEN NEW.ended_at IS NOT NULL
    BEGIN DELETE FROM prompts WHERE group_id = NEW.id; END`,
];

const POSTGRES = [
  `CREATE FUNCTION users_erase_prompts() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      DELETE FROM default_instructions WHERE user_id = NEW.id;
      DELETE FROM prompts WHERE user_id = NEW.id;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER users_erase_prompts AFTER UPDATE OF deleted_at ON users
    FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION users_erase_prompts()`,
  `CREATE FUNCTION groups_erase_prompts() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      DELETE FROM prompts WHERE group_id = NEW.id;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER groups_erase_prompts AFTER UPDATE OF ended_at ON groups
    FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL) EXECUTE FUNCTION groups_erase_prompts()`,
];
