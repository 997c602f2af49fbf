import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Notices, and what delivers them by mail and webhooks (decision 54). The database itself erases
 * what belongs to a user with the user, so that servers of the version before, which do not know of
 * it, erase it too.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const { database, integer, id, strict, clustered } = flavour;
  const statements = [
    `CREATE TABLE notices (
      id ${id} PRIMARY KEY,
      audience text NOT NULL CHECK (audience IN ('user', 'operators')),
      kind text NOT NULL,
      user_id ${integer} REFERENCES users (id),
      data text NOT NULL,
      once_key ${id},
      mail_to text,
      mail_language text,
      mail_path text,
      is_new ${integer} NOT NULL DEFAULT 1,
      created_at ${integer} NOT NULL,
      seen_at ${integer}
    )${strict}`,
    'CREATE INDEX notices_by_user ON notices (user_id, id) WHERE user_id IS NOT NULL',
    'CREATE INDEX notices_new ON notices (id) WHERE is_new = 1',
    'CREATE UNIQUE INDEX notices_once ON notices (once_key) WHERE once_key IS NOT NULL',
    `CREATE TABLE webhooks (
      id ${id} PRIMARY KEY,
      name text NOT NULL,
      url text NOT NULL,
      kinds text NOT NULL,
      secret text NOT NULL,
      earlier_secret text,
      earlier_until ${integer},
      is_active ${integer} NOT NULL DEFAULT 1,
      created_at ${integer} NOT NULL
    )${strict}`,
    `CREATE TABLE deliveries (
      id ${id} PRIMARY KEY,
      notice_id ${id} NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
      webhook_id ${id} REFERENCES webhooks (id) ON DELETE CASCADE,
      mail_to text,
      state text NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
      attempts ${integer} NOT NULL DEFAULT 0,
      next_at ${integer},
      last_status ${integer},
      last_error text,
      created_at ${integer} NOT NULL,
      ended_at ${integer},
      CHECK ((state = 'waiting') = (next_at IS NOT NULL))
    )${strict}`,
    'CREATE INDEX deliveries_waiting ON deliveries (next_at) WHERE next_at IS NOT NULL',
    `CREATE UNIQUE INDEX deliveries_of_mail ON deliveries (notice_id) WHERE webhook_id IS NULL`,
    `CREATE UNIQUE INDEX deliveries_of_webhooks ON deliveries (notice_id, webhook_id)
      WHERE webhook_id IS NOT NULL`,
    `CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, id)
      WHERE webhook_id IS NOT NULL`,
    `CREATE INDEX deliveries_mail_failed ON deliveries (id)
      WHERE webhook_id IS NULL AND state = 'failed'`,
    `CREATE TABLE alerts (
      key ${id} PRIMARY KEY,
      since ${integer} NOT NULL,
      seen_at ${integer} NOT NULL
    )${clustered}`,
    `CREATE TABLE low_balances (
      account_id ${integer} PRIMARY KEY REFERENCES accounts (id),
      since ${integer} NOT NULL
    )${strict}`,
    `CREATE TABLE mail_settings (
      user_id ${integer} PRIMARY KEY REFERENCES users (id),
      language text,
      low_below ${integer},
      tells_low ${integer} NOT NULL DEFAULT 1,
      tells_renewal ${integer} NOT NULL DEFAULT 0,
      renewal_told_at ${integer} NOT NULL DEFAULT 0
    )${strict}`,
    'CREATE INDEX mail_settings_renewal ON mail_settings (user_id) WHERE tells_renewal = 1',
    `CREATE TABLE email_links (
      user_id ${integer} PRIMARY KEY REFERENCES users (id),
      email text NOT NULL,
      token_hash ${id} NOT NULL UNIQUE,
      expires_at ${integer} NOT NULL
    )${strict}`,
    ...(database === 'SQLite' ? SQLITE : POSTGRES),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const ERASE = `DELETE FROM notices WHERE user_id = NEW.id;
    DELETE FROM low_balances WHERE account_id = NEW.id;
    DELETE FROM mail_settings WHERE user_id = NEW.id;
    DELETE FROM email_links WHERE user_id = NEW.id;`;

const SQLITE = [
  `CREATE TRIGGER users_erase_notices AFTER UPDATE OF deleted_at ON users
    WHEN NEW.deleted_at IS NOT NULL
  BEGIN
    ${ERASE}
  END`,
];

const POSTGRES = [
  `CREATE FUNCTION users_erase_notices() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    ${ERASE}
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER users_erase_notices AFTER UPDATE OF deleted_at ON users
    FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION users_erase_notices()`,
];
