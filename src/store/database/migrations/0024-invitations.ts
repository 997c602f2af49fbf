import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Invitations (decision 55): what somebody gets who has no account yet, under the hash of a code,
 * with the name that is kept for them. The database itself erases them with their user, so that
 * servers of the version before, which do not know of them, erase them too.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const { database, integer, id, strict } = flavour;
  const statements = [
    `CREATE TABLE invitations (
      id ${id} PRIMARY KEY,
      batch_id ${id} NOT NULL,
      number ${integer} NOT NULL,
      name text NOT NULL,
      username text,
      email text,
      email_key text,
      plan_id ${id} REFERENCES plans (id),
      credits ${integer} NOT NULL,
      code_hash text NOT NULL UNIQUE,
      mail_hash text NOT NULL UNIQUE,
      invited_by text NOT NULL,
      created_at ${integer} NOT NULL,
      last_invited_at ${integer} NOT NULL,
      expires_at ${integer} NOT NULL,
      ended_at ${integer},
      user_id ${integer},
      claimed_at ${integer},
      came_by text CHECK (came_by IN ('code', 'mail')),
      accepted_at ${integer},
      completed_at ${integer},
      UNIQUE (batch_id, number)
    )${strict}`,
    'CREATE INDEX invitations_by_user ON invitations (user_id) WHERE user_id IS NOT NULL',
    'CREATE INDEX invitations_by_email ON invitations (email_key) WHERE email_key IS NOT NULL',
    `CREATE INDEX invitations_unfinished ON invitations (claimed_at)
      WHERE claimed_at IS NOT NULL AND completed_at IS NULL`,
    `CREATE TABLE invitation_groups (
      invitation_id ${id} NOT NULL REFERENCES invitations (id),
      group_id ${id} NOT NULL REFERENCES groups (id),
      PRIMARY KEY (invitation_id, group_id)
    )${strict}`,
    'CREATE INDEX invitation_groups_by_group ON invitation_groups (group_id)',
    `ALTER TABLE username_keys ADD COLUMN invitation_id ${id}`,
    `CREATE INDEX username_keys_by_invitation ON username_keys (invitation_id)
      WHERE invitation_id IS NOT NULL`,
    ...(database === 'SQLite' ? SQLITE : POSTGRES),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const ERASE = `DELETE FROM invitation_groups WHERE invitation_id IN
        (SELECT id FROM invitations WHERE user_id = NEW.id);
      DELETE FROM invitations WHERE user_id = NEW.id;`;

const SQLITE = [
  `CREATE TRIGGER users_erase_invitation AFTER UPDATE OF deleted_at ON users
    WHEN NEW.deleted_at IS NOT NULL
    BEGIN
      ${ERASE}
    END`,
];

const POSTGRES = [
  `CREATE FUNCTION users_erase_invitation() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      ${ERASE}
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER users_erase_invitation AFTER UPDATE OF deleted_at ON users
    FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION users_erase_invitation()`,
];
