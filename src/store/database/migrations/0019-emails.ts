import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * E-mail addresses of users. Two users may give the same one, but only one can have verified it.
 * The database itself erases them with their user, so that servers of the version before, which do
 * not know of them, erase them too.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const { database, integer, strict } = flavour;
  const statements = [
    `CREATE TABLE user_emails (
      user_id ${integer} PRIMARY KEY REFERENCES users (id),
      email text NOT NULL,
      email_key text NOT NULL,
      verified_at ${integer}
    )${strict}`,
    `CREATE UNIQUE INDEX user_emails_verified ON user_emails (email_key)
      WHERE verified_at IS NOT NULL`,
    ...(database === 'SQLite' ? SQLITE : POSTGRES),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const SQLITE = [
  `CREATE TRIGGER users_erase_email AFTER UPDATE OF deleted_at ON users
    WHEN NEW.deleted_at IS NOT NULL
  BEGIN
    DELETE FROM user_emails WHERE user_id = NEW.id;
  END`,
];

const POSTGRES = [
  `CREATE FUNCTION users_erase_email() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    DELETE FROM user_emails WHERE user_id = NEW.id;
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER users_erase_email AFTER UPDATE OF deleted_at ON users
    FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION users_erase_email()`,
];
