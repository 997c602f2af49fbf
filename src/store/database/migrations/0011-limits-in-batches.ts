import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Holds with limits are decided by the batch: a counter knows when its window ends, what is held is
 * summed before its JSON is read, and on PostgreSQL holds and charges have fewer references to look
 * up (decision 39).
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const { database, integer } = flavour;
  const statements = [
    `ALTER TABLE budget_counters ADD COLUMN window_end ${integer}`,
    WINDOW_ENDS,
    'DROP VIEW held_budgets',
    heldBudgets(flavour),
    ...(database === 'SQLite' ? [] : FEWER_REFERENCES),
    ...flavour.ledgerFunctions('0011'),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** Of the windows that are periods of a calendar. */
const WINDOW_ENDS = `UPDATE budget_counters SET window_end = (
    SELECT p.ends_at FROM budgets b JOIN calendar_periods p ON p.calendar = b.calendar
    WHERE b.id = budget_counters.budget_id AND p.starts_at = budget_counters.window_start
  ) WHERE window_start > 0`;

/**
 * What was charged and is held in each budget; several rows of one, since holds with the same
 * budgets are summed before their JSON is read.
 */
function heldBudgets({ database }: SqlFlavour): string {
  const sums = `(
        SELECT h.budgets, -sum(coalesce(t.credits, 0)) AS charged,
          sum(CASE WHEN h.state = 'open' THEN h.credits ELSE 0 END) AS open
        FROM holds h LEFT JOIN transfers t ON t.id = h.id
        WHERE h.budgets IS NOT NULL GROUP BY h.budgets
      ) s`;
  return database === 'SQLite'
    ? `CREATE VIEW held_budgets AS
      SELECT b.value ->> 0 AS budget_id, b.value ->> 1 AS subject, b.value ->> 2 AS window_start,
        s.charged, s.open
      FROM ${sums}, json_each(s.budgets) b`
    : `CREATE VIEW held_budgets AS
      SELECT b.value ->> 0 AS budget_id, (b.value ->> 1)::bigint AS subject,
        (b.value ->> 2)::bigint AS window_start, s.charged, s.open
      FROM ${sums}, json_array_elements(s.budgets::json) AS b (value)`;
}

/**
 * Every hold and charge would pay for them: the message of a hold has a reference to its user in
 * the same transaction, a hold looks for its key, and neither users nor keys are ever deleted.
 */
const FEWER_REFERENCES = [
  'ALTER TABLE holds DROP CONSTRAINT holds_user_id_fkey, DROP CONSTRAINT holds_api_key_id_fkey',
  'ALTER TABLE transfers DROP CONSTRAINT transfers_user_id_fkey',
];
