import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Sessions know the address that they were begun at, and when and from which address they were last
 * used. Earlier ones know none of it until they are used. All of it goes with the session, which
 * servers of the version before erase too.
 */
export async function up(db: Kysely<unknown>, { integer }: SqlFlavour): Promise<void> {
  const statements = [
    'ALTER TABLE refresh_tokens ADD COLUMN begun_address text',
    `ALTER TABLE refresh_tokens ADD COLUMN last_used_at ${integer}`,
    'ALTER TABLE refresh_tokens ADD COLUMN last_address text',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
