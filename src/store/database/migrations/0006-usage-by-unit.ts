import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/** Charges keep usage by unit, where it is more than tokens of text, and what had no price. */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const statements = [
    'ALTER TABLE transfers ADD COLUMN usage text',
    'ALTER TABLE transfers ADD COLUMN unpriced text',
    ...flavour.ledgerFunctions('0006'),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
