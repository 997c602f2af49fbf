import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Settling stores the response that a retry gets; results tell how the message ended; leases know
 * how long they last.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const statements = [
    `ALTER TABLE leases ADD COLUMN for_ms ${flavour.integer}`,
    ...flavour.ledgerFunctions('0005'),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
