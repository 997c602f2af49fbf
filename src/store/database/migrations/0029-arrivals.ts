import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Invitations are also taken by people who come by a provider or a directory. `opening` says for
 * whom an account is opened, so that all attempts for the same person open the same one;
 * `grant_id` is the transfer of what somebody gets who had an account already. A sign-in by a
 * provider can have begun at an invitation. Attempts end within minutes, and what invitations have
 * goes with their user, also by servers of the version before.
 */
export async function up(db: Kysely<unknown>, { id }: SqlFlavour): Promise<void> {
  const statements = [
    'ALTER TABLE invitations ADD COLUMN opening text',
    `ALTER TABLE invitations ADD COLUMN grant_id ${id}`,
    'CREATE INDEX invitations_by_opening ON invitations (opening) WHERE opening IS NOT NULL',
    `ALTER TABLE sign_in_attempts ADD COLUMN invitation_id ${id}`,
    'ALTER TABLE sign_in_attempts ADD COLUMN invitation_secret text',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
