import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Keys with which programs of staff reach the routes of staff (decision 56). The audit log names
 * them, so a row stays when its key has ended. The database itself erases them with their user, so
 * that servers of the version before, which do not know of them, erase them too.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const { database, integer, id, strict } = flavour;
  const statements = [
    `CREATE TABLE admin_keys (
      id ${id} PRIMARY KEY,
      user_id ${integer} NOT NULL REFERENCES users (id),
      name text NOT NULL,
      prefix text NOT NULL,
      secret_hash text NOT NULL UNIQUE,
      scopes text NOT NULL,
      created_at ${integer} NOT NULL,
      expires_at ${integer} NOT NULL,
      last_used_at ${integer},
      ended_at ${integer}
    )${strict}`,
    'CREATE INDEX admin_keys_by_user ON admin_keys (user_id)',
    ...(database === 'SQLite' ? SQLITE : POSTGRES),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const ERASE = `UPDATE admin_keys SET name = '', prefix = '', secret_hash = 'erased ' || id,
        ended_at = coalesce(ended_at, NEW.deleted_at) WHERE user_id = NEW.id`;

const SQLITE = [
  `CREATE TRIGGER users_erase_admin_keys AFTER UPDATE OF deleted_at ON users
    WHEN NEW.deleted_at IS NOT NULL
    BEGIN
      ${ERASE};
    END`,
];

const POSTGRES = [
  `CREATE FUNCTION users_erase_admin_keys() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      ${ERASE};
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER users_erase_admin_keys AFTER UPDATE OF deleted_at ON users
    FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION users_erase_admin_keys()`,
];
