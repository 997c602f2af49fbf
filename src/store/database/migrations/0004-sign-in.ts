import { type Kysely, sql } from 'kysely';
import { usernameKey } from '../../../core/usernames.ts';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Sign-in under attack: versions of passwords, refresh tokens that rotate, who made a link, limits
 * on attempts that several servers share, and names that cannot be confused.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  for (const statement of statementsFor(flavour)) await sql.raw(statement).execute(db);
  await claimNames(db);
}

function statementsFor({ integer, id, strict, clustered }: SqlFlavour): string[] {
  return [
    `ALTER TABLE users ADD COLUMN password_version ${integer} NOT NULL DEFAULT 0`,
    `ALTER TABLE refresh_tokens ADD COLUMN generation ${integer} NOT NULL DEFAULT 0`,
    `ALTER TABLE refresh_tokens ADD COLUMN rotated_at ${integer}`,
    `ALTER TABLE one_time_links ADD COLUMN made_by text`,
    `ALTER TABLE one_time_links ADD COLUMN made_at ${integer}`,
    `CREATE TABLE attempts (
      key ${id} PRIMARY KEY,
      attempts ${integer} NOT NULL,
      expires_at ${integer} NOT NULL
    )${clustered}`,
    'CREATE INDEX attempts_by_expiry ON attempts (expires_at)',
    `CREATE TABLE username_keys (
      key ${id} PRIMARY KEY,
      username ${id} NOT NULL,
      claimed_at ${integer} NOT NULL
    )${clustered}`,
    'CREATE INDEX username_keys_by_name ON username_keys (username)',
    `CREATE TABLE allowed_users (
      name_hash ${id} PRIMARY KEY,
      user_id ${integer} NOT NULL REFERENCES users (id)
    )${strict}`,
  ];
}

const PAGE = 500;

/** Claims the names of all users. Of names that are too similar the oldest account's is claimed. */
async function claimNames(db: Kysely<unknown>): Promise<void> {
  for (let afterId = Number.MIN_SAFE_INTEGER; ; ) {
    const { rows } = await sql<{ id: number; username: string; joined_at: number }>`
      SELECT id, username, joined_at FROM users
      WHERE username IS NOT NULL AND id > ${afterId} ORDER BY id LIMIT ${PAGE}`.execute(db);
    const last = rows.at(-1);
    if (!last) return;
    afterId = last.id;
    const claims = rows.map(
      ({ username, joined_at }) =>
        sql`(${usernameKey(username)}, ${username}, CAST(${joined_at} AS bigint))`,
    );
    await sql`INSERT INTO username_keys (key, username, claimed_at) VALUES ${sql.join(claims)}
      ON CONFLICT (key) DO NOTHING`.execute(db);
  }
}
