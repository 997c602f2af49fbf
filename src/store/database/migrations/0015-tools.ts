import { type Kysely, sql } from 'kysely';
import type { SqlFlavour } from '../sql-flavour.ts';

/**
 * Tools in chats: which ones a chat has, and the rounds of a message, each a generation of its own
 * with hold, charge and a row in `messages`. All of it is deleted with the chat.
 */
export async function up(db: Kysely<unknown>, flavour: SqlFlavour): Promise<void> {
  for (const statement of statements(flavour)) await sql.raw(statement).execute(db);
}

function statements({ integer, id, strict }: SqlFlavour): string[] {
  return [
    'ALTER TABLE conversations ADD COLUMN tools text',
    `CREATE TABLE tool_loops (
      message_id ${id} PRIMARY KEY,
      conversation_id ${id} NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
      user_id ${integer} NOT NULL,
      state text NOT NULL CHECK (state IN ('running', 'waiting', 'ended')),
      lease_id ${id} NOT NULL,
      model text NOT NULL,
      payer text,
      tools text NOT NULL,
      rounds ${integer} NOT NULL,
      most_credits ${integer},
      approve_until ${integer},
      stop_requested_at ${integer},
      created_at ${integer} NOT NULL
    )${strict}`,
    'CREATE INDEX tool_loops_of_conversation ON tool_loops (conversation_id)',
    "CREATE INDEX tool_loops_open ON tool_loops (state, lease_id) WHERE state <> 'ended'",
    `CREATE TABLE tool_rounds (
      generation_id ${id} PRIMARY KEY,
      message_id ${id} NOT NULL REFERENCES tool_loops (message_id) ON DELETE CASCADE,
      number ${integer} NOT NULL,
      text_end ${integer},
      UNIQUE (message_id, number)
    )${strict}`,
    `CREATE TABLE tool_calls (
      message_id ${id} NOT NULL REFERENCES tool_loops (message_id) ON DELETE CASCADE,
      round ${integer} NOT NULL,
      number ${integer} NOT NULL,
      call_id ${id} NOT NULL,
      tool text NOT NULL,
      name text NOT NULL,
      arguments text NOT NULL,
      state text NOT NULL
        CHECK (state IN ('asked', 'waiting', 'denied', 'done', 'failed', 'refused')),
      result text,
      price text NOT NULL,
      paid_by ${id},
      asked_at ${integer} NOT NULL,
      ended_at ${integer},
      PRIMARY KEY (message_id, round, number)
    )${strict}`,
    'CREATE INDEX tool_calls_paid_by ON tool_calls (paid_by)',
  ];
}
