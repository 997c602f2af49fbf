import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * What a directory says of users and groups (SCIM 2.0, RFC 7643), the tokens that it calls with,
 * and which entry of an LDAP directory signs in to which account. The database itself erases all of
 * it with its user, so that servers of the version before, which do not know of it, erase it too.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const { database, integer, id, strict, clustered } = flavour;
  const statements = [
    `CREATE TABLE scim_tokens (
      id ${id} PRIMARY KEY,
      name text NOT NULL,
      prefix text NOT NULL,
      secret_hash ${id} NOT NULL UNIQUE,
      made_by text NOT NULL,
      created_at ${integer} NOT NULL,
      expires_at ${integer},
      last_used_at ${integer},
      ended_at ${integer}
    )${clustered}`,
    'CREATE UNIQUE INDEX scim_tokens_name ON scim_tokens (name) WHERE ended_at IS NULL',
    `CREATE TABLE scim_users (
      user_id ${integer} PRIMARY KEY REFERENCES users (id),
      user_name text NOT NULL,
      user_name_key ${id} NOT NULL,
      external_id text,
      profile text NOT NULL,
      is_made integer NOT NULL,
      created_at ${integer} NOT NULL,
      changed_at ${integer} NOT NULL,
      disabled_at ${integer},
      removed_at ${integer}
    )${strict}`,
    `CREATE UNIQUE INDEX scim_users_name ON scim_users (user_name_key)
      WHERE removed_at IS NULL`,
    'CREATE INDEX scim_users_external ON scim_users (external_id)',
    `CREATE TABLE scim_groups (
      group_id ${id} PRIMARY KEY REFERENCES groups (id),
      external_id text,
      created_at ${integer} NOT NULL,
      changed_at ${integer} NOT NULL
    )${clustered}`,
    `CREATE TABLE ldap_users (
      user_id ${integer} PRIMARY KEY REFERENCES users (id),
      subject ${id} NOT NULL UNIQUE,
      linked_at ${integer} NOT NULL
    )${strict}`,
    ...(database === 'SQLite' ? SQLITE : POSTGRES),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const SQLITE = [
  `CREATE TRIGGER users_erase_directory AFTER UPDATE OF deleted_at ON users
    WHEN NEW.deleted_at IS NOT NULL
  BEGIN
    DELETE FROM scim_users WHERE user_id = NEW.id;
    DELETE FROM ldap_users WHERE user_id = NEW.id;
  END`,
];

const POSTGRES = [
  `CREATE FUNCTION users_erase_directory() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    DELETE FROM scim_users WHERE user_id = NEW.id;
    DELETE FROM ldap_users WHERE user_id = NEW.id;
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER users_erase_directory AFTER UPDATE OF deleted_at ON users
    FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION users_erase_directory()`,
];
