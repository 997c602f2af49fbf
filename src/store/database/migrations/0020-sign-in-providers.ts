import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Identities at providers of OpenID Connect, attempts to sign in by them, and which sessions began
 * that way (decision 51). The database itself ties an account to the identity that it is opened
 * for, in the transaction that opens it, so that no crash leaves one without the other. It also
 * takes identities from users who are deleted, so that servers of the version before do it too.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const { database, integer, id, strict } = flavour;
  const statements = [
    `CREATE TABLE identities (
      key ${id} PRIMARY KEY,
      issuer text,
      subject text,
      provider text,
      user_id ${integer} REFERENCES users (id),
      opening text,
      was_erased ${integer} NOT NULL DEFAULT 0 CHECK (was_erased IN (0, 1)),
      created_at ${integer} NOT NULL,
      last_used_at ${integer} NOT NULL,
      CHECK (user_id IS NULL OR opening IS NULL)
    )${strict}`,
    'CREATE UNIQUE INDEX identities_opening ON identities (opening) WHERE opening IS NOT NULL',
    'CREATE INDEX identities_by_user ON identities (user_id) WHERE user_id IS NOT NULL',
    `CREATE TABLE sign_in_attempts (
      state_hash ${id} PRIMARY KEY,
      browser_hash text NOT NULL,
      provider text NOT NULL,
      nonce text NOT NULL,
      verifier text NOT NULL,
      return_to text NOT NULL,
      expires_at ${integer} NOT NULL
    )${strict}`,
    'CREATE INDEX sign_in_attempts_by_end ON sign_in_attempts (expires_at)',
    'ALTER TABLE refresh_tokens ADD COLUMN provider text',
    ...(database === 'SQLite' ? SQLITE : POSTGRES),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const OPEN = `UPDATE identities SET user_id = NEW.id, opening = NULL
      WHERE opening = NEW.password_hash;`;
const ERASE = `UPDATE identities SET user_id = NULL, issuer = NULL, subject = NULL,
        provider = NULL, was_erased = 1
      WHERE user_id = NEW.id;`;

const SQLITE = [
  `CREATE TRIGGER users_open_identity AFTER INSERT ON users
    BEGIN
      ${OPEN}
    END`,
  `CREATE TRIGGER users_erase_identities AFTER UPDATE OF deleted_at ON users
    WHEN NEW.deleted_at IS NOT NULL
    BEGIN
      ${ERASE}
    END`,
];

const POSTGRES = [
  `CREATE FUNCTION users_open_identity() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      ${OPEN}
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER users_open_identity AFTER INSERT ON users
    FOR EACH ROW EXECUTE FUNCTION users_open_identity()`,
  `CREATE FUNCTION users_erase_identities() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      ${ERASE}
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER users_erase_identities AFTER UPDATE OF deleted_at ON users
    FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION users_erase_identities()`,
];
