import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * When and how the user of a session proved who they are, second factors, and which tickets of
 * sign-ins were used (decision 53). The database itself erases factors with their user, so that
 * servers of the version before, which do not know of them, erase them too.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const { database, integer, id, strict } = flavour;
  const statements = [
    `ALTER TABLE refresh_tokens ADD COLUMN proved_at ${integer}`,
    'ALTER TABLE refresh_tokens ADD COLUMN proved_by text',
    `CREATE TABLE user_totp (
      user_id ${integer} PRIMARY KEY REFERENCES users (id),
      secret text NOT NULL,
      last_step ${integer} NOT NULL,
      created_at ${integer} NOT NULL
    )${strict}`,
    `CREATE TABLE recovery_codes (
      user_id ${integer} NOT NULL REFERENCES users (id),
      selector text NOT NULL,
      code_hash text NOT NULL,
      created_at ${integer} NOT NULL,
      PRIMARY KEY (user_id, selector)
    )${strict}`,
    `CREATE TABLE passkeys (
      id ${id} PRIMARY KEY,
      user_id ${integer} NOT NULL REFERENCES users (id),
      name text NOT NULL,
      credential_id text NOT NULL UNIQUE,
      user_handle text NOT NULL,
      public_key text NOT NULL,
      sign_count ${integer} NOT NULL,
      transports text,
      created_at ${integer} NOT NULL,
      last_used_at ${integer}
    )${strict}`,
    'CREATE INDEX passkeys_by_user ON passkeys (user_id)',
    `CREATE TABLE used_tickets (
      id text PRIMARY KEY,
      expires_at ${integer} NOT NULL
    )${strict}`,
    ...(database === 'SQLite' ? SQLITE : POSTGRES),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const SQLITE = [
  `CREATE TRIGGER users_erase_factors AFTER UPDATE OF deleted_at ON users
    WHEN NEW.deleted_at IS NOT NULL
  BEGIN
    DELETE FROM user_totp WHERE user_id = NEW.id;
    DELETE FROM recovery_codes WHERE user_id = NEW.id;
    DELETE FROM passkeys WHERE user_id = NEW.id;
  END`,
];

const POSTGRES = [
  `CREATE FUNCTION users_erase_factors() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    DELETE FROM user_totp WHERE user_id = NEW.id;
    DELETE FROM recovery_codes WHERE user_id = NEW.id;
    DELETE FROM passkeys WHERE user_id = NEW.id;
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER users_erase_factors AFTER UPDATE OF deleted_at ON users
    FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION users_erase_factors()`,
];
