import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * What a session has from its provider of OpenID Connect, sign-outs that providers have asked for,
 * and sign-ins that staff only try (decision 59). The database itself forgets what a provider said
 * of a session that ends, and trials of users who are deleted, so that servers of the version
 * before, which do not know of them, forget them too.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const { database, integer, id, strict } = flavour;
  const statements = [
    `CREATE TABLE provider_sessions (
      jti ${id} PRIMARY KEY,
      session text,
      id_token text,
      expires_at ${integer} NOT NULL
    )${strict}`,
    `CREATE INDEX provider_sessions_by_session ON provider_sessions (session)
      WHERE session IS NOT NULL`,
    'CREATE INDEX provider_sessions_by_end ON provider_sessions (expires_at)',
    `CREATE TABLE provider_sign_outs (
      key ${id} PRIMARY KEY,
      session text,
      subject text,
      issued_at ${integer} NOT NULL,
      expires_at ${integer} NOT NULL,
      done_at ${integer},
      CHECK (session IS NOT NULL OR subject IS NOT NULL)
    )${strict}`,
    `CREATE INDEX provider_sign_outs_by_session ON provider_sign_outs (session)
      WHERE session IS NOT NULL`,
    `CREATE INDEX provider_sign_outs_by_subject ON provider_sign_outs (subject)
      WHERE subject IS NOT NULL`,
    'CREATE INDEX provider_sign_outs_by_end ON provider_sign_outs (expires_at)',
    `CREATE TABLE sign_in_trials (
      state_hash ${id} PRIMARY KEY,
      id ${id} NOT NULL UNIQUE,
      browser_hash text NOT NULL,
      provider text NOT NULL,
      nonce text NOT NULL,
      verifier text NOT NULL,
      user_id ${integer} NOT NULL REFERENCES users (id),
      is_back ${integer} NOT NULL DEFAULT 0 CHECK (is_back IN (0, 1)),
      result text,
      expires_at ${integer} NOT NULL
    )${strict}`,
    'CREATE INDEX sign_in_trials_by_user ON sign_in_trials (user_id)',
    'CREATE INDEX sign_in_trials_by_end ON sign_in_trials (expires_at)',
    ...(database === 'SQLite' ? SQLITE : POSTGRES),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const FORGET = (row: 'NEW' | 'OLD') => `DELETE FROM provider_sessions WHERE jti = ${row}.jti;`;
const ERASE = 'DELETE FROM sign_in_trials WHERE user_id = NEW.id;';

const SQLITE = [
  `CREATE TRIGGER refresh_tokens_forget_provider AFTER UPDATE OF revoked_at ON refresh_tokens
    WHEN NEW.revoked_at IS NOT NULL
    BEGIN
      ${FORGET('NEW')}
    END`,
  `CREATE TRIGGER refresh_tokens_drop_provider AFTER DELETE ON refresh_tokens
    BEGIN
      ${FORGET('OLD')}
    END`,
  `CREATE TRIGGER users_erase_trials AFTER UPDATE OF deleted_at ON users
    WHEN NEW.deleted_at IS NOT NULL
    BEGIN
      ${ERASE}
    END`,
];

const POSTGRES = [
  `CREATE FUNCTION refresh_tokens_forget_provider() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      ${FORGET('OLD')}
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER refresh_tokens_forget_provider AFTER UPDATE OF revoked_at ON refresh_tokens
    FOR EACH ROW WHEN (NEW.revoked_at IS NOT NULL)
    EXECUTE FUNCTION refresh_tokens_forget_provider()`,
  `CREATE TRIGGER refresh_tokens_drop_provider AFTER DELETE ON refresh_tokens
    FOR EACH ROW EXECUTE FUNCTION refresh_tokens_forget_provider()`,
  `CREATE FUNCTION users_erase_trials() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      ${ERASE}
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER users_erase_trials AFTER UPDATE OF deleted_at ON users
    FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION users_erase_trials()`,
];
