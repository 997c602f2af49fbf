import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/** What is given out of a pool can be limited to what does not end with its allowance. */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const statements = flavour.ledgerFunctions('0009');
  for (const statement of statements) await sql.raw(statement).execute(db);
}
