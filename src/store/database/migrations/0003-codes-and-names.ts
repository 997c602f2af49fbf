import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Failures of messages become codes (`core/reply-failure.ts`) where they were English sentences,
 * and columns get the names that the rest of the program uses.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  const statements = [
    failuresAsCodes(),
    ...RENAMES,
    ...(flavour.database === 'PostgreSQL' ? CONSTRAINT_RENAMES : []),
    ...flavour.ledgerFunctions('0003'),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** Every sentence that 0.1.0 ever stored. */
const CODES = {
  'The model gave an empty answer. Nothing was charged.': 'empty_reply',
  'The model did not answer. Nothing was charged.': 'model_failed',
  'The model took too long to answer. Nothing was charged.': 'model_timed_out',
  'Stopped before the model answered. Nothing was charged.': 'stopped_before_reply',
  'The server stopped before the model answered. Nothing was charged.': 'server_lost_before_reply',
  'The server could not write its books. Nothing was charged.': 'ledger_unavailable',
  'The model broke off.': 'model_broke_off',
  'The model fell silent.': 'model_fell_silent',
  'Stopped.': 'stopped',
  'The server stopped while the model was answering.': 'server_lost',
};

/** A text that is none of these gets the code that is always true of its status. */
function failuresAsCodes(): string {
  const cases = Object.entries(CODES).map(
    ([sentence, code]) => `WHEN '${sentence}' THEN '${code}'`,
  );
  return `UPDATE messages SET failure = CASE failure ${cases.join(' ')}
    ELSE CASE status WHEN 'incomplete' THEN 'model_broke_off' ELSE 'model_failed' END END
    WHERE failure IS NOT NULL`;
}

const RENAMES = [
  'ALTER TABLE journal RENAME COLUMN aside TO non_reply_output',
  'ALTER TABLE kept_answers RENAME TO idempotent_responses',
  'DROP INDEX kept_answers_by_age',
  'CREATE INDEX idempotent_responses_by_age ON idempotent_responses (created_at)',
  'ALTER TABLE holds RENAME COLUMN stop_asked_at TO stop_requested_at',
  'ALTER TABLE conversations RENAME COLUMN is_loose TO adopts_orphans',
  'DROP INDEX conversations_loose',
  `CREATE UNIQUE INDEX conversations_adopting_orphans ON conversations (user_id)
    WHERE adopts_orphans = 1`,
  'ALTER TABLE usage_models RENAME COLUMN step TO granularity',
];

/** PostgreSQL names constraints after tables and columns, and keeps the names when those change. */
const CONSTRAINT_RENAMES = [
  `ALTER TABLE idempotent_responses
    RENAME CONSTRAINT kept_answers_pkey TO idempotent_responses_pkey`,
  `ALTER TABLE idempotent_responses
    RENAME CONSTRAINT kept_answers_id_fkey TO idempotent_responses_id_fkey`,
  `ALTER TABLE conversations
    RENAME CONSTRAINT conversations_is_loose_check TO conversations_adopts_orphans_check`,
  `ALTER TABLE usage_models
    RENAME CONSTRAINT usage_models_step_check TO usage_models_granularity_check`,
];
