import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * By what an address was confirmed, and with what proof an admin key was made.
 *
 * `confirmed_by` is `user` for an address whose user has opened a link that was mailed to it, and
 * `opening` for one that a directory or provider gave before the user had anything else; null for
 * what others said later, and for what servers of the version before write. Of earlier ones those
 * count as the user's own that no directory or provider can have given.
 *
 * `proved_by` is null for a key that was made with a password, or with what nobody knows. Staff
 * with a second factor could not make one with anything else.
 */
export async function up(db: Kysely<unknown>, _flavour: SqlFlavour): Promise<void> {
  const statements = [
    'ALTER TABLE user_emails ADD COLUMN confirmed_by text',
    `UPDATE user_emails SET confirmed_by = CASE
      WHEN EXISTS (SELECT 1 FROM scim_users s WHERE s.user_id = user_emails.user_id)
        OR EXISTS (SELECT 1 FROM ldap_users l WHERE l.user_id = user_emails.user_id)
        OR EXISTS (SELECT 1 FROM identities i WHERE i.user_id = user_emails.user_id)
      THEN 'opening' ELSE 'user' END
    WHERE verified_at IS NOT NULL`,
    'ALTER TABLE admin_keys ADD COLUMN proved_by text',
    `UPDATE admin_keys SET proved_by = 'factor'
    WHERE EXISTS (SELECT 1 FROM user_totp t
        WHERE t.user_id = admin_keys.user_id AND t.created_at <= admin_keys.created_at)
      OR EXISTS (SELECT 1 FROM passkeys p
        WHERE p.user_id = admin_keys.user_id AND p.created_at <= admin_keys.created_at)`,
    `UPDATE admin_keys SET proved_by = 'provider'
    WHERE proved_by IS NULL
      AND EXISTS (SELECT 1 FROM identities i
        WHERE i.user_id = admin_keys.user_id AND i.created_at <= admin_keys.created_at)
      AND EXISTS (SELECT 1 FROM users u WHERE u.id = admin_keys.user_id
        AND u.password_hash LIKE '%$AAAAAAAAAAAAAAAAAAAAAA$%')`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
