import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/** Settling stores the response that a retry gets; results tell how the message ended. */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  for (const statement of flavour.ledgerFunctions('0005')) await sql.raw(statement).execute(db);
}
