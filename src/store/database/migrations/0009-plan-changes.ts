import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Changes of all accounts with a plan are carried out in the background; what is given out of a
 * pool can be limited to what does not end with its allowance.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const statements = [...planChanges(flavour), ...flavour.ledgerFunctions('0009')];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

function planChanges({ integer, id, strict }: SqlFlavour): string[] {
  return [
    `CREATE TABLE plan_changes (
      id ${id} PRIMARY KEY,
      plan_id ${id} NOT NULL REFERENCES plans (id),
      given_plan_id ${id} REFERENCES plans (id),
      starts text NOT NULL CHECK (starts IN ('now', 'renewal')),
      actor text NOT NULL,
      accounts ${integer} NOT NULL,
      after_id ${integer} NOT NULL,
      changed ${integer} NOT NULL,
      untouched ${integer} NOT NULL,
      expired ${integer} NOT NULL,
      given ${integer} NOT NULL,
      first_renewal ${integer},
      last_renewal ${integer},
      claimed_until ${integer} NOT NULL,
      created_at ${integer} NOT NULL,
      ended_at ${integer}
    )${strict}`,
    'CREATE INDEX plan_changes_open ON plan_changes (plan_id, id) WHERE ended_at IS NULL',
  ];
}
