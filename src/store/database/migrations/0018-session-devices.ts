import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Sessions know with which browser and system they were begun, and those of the page last anew
 * whenever they are used. Earlier ones know neither, and end when they would have ended.
 */
export async function up(db: Kysely<unknown>, { integer }: SqlFlavour): Promise<void> {
  const statements = [
    'ALTER TABLE refresh_tokens ADD COLUMN browser text',
    'ALTER TABLE refresh_tokens ADD COLUMN system text',
    `ALTER TABLE refresh_tokens ADD COLUMN is_extended ${integer} NOT NULL DEFAULT 0`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
