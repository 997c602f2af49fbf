/** Reads the rounds of messages and the calls between them. */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Rate } from '../../core/pricing.ts';
import { type CallState, joinedTexts, type WrittenBlocks } from '../../core/tools.ts';
import type { Database } from '../database/schema.ts';
import type { ToolCallRow } from '../database/tool-tables.ts';

/** That a message `m` is no later round of another one, whose reply has the text of all. */
export const IS_WHOLE = sql`NOT EXISTS (SELECT 1 FROM tool_rounds r
  WHERE r.generation_id = m.id AND r.number > 1)`;

/** A call that a model asked for, and what became of it. */
export interface StoredCall {
  /** The number of the round that asked for it, from 1. */
  readonly round: number;
  readonly callId: string;
  /** The name of the tool in `chit.json`; empty if there is none. */
  readonly tool: string;
  /** The name by which the model calls it. */
  readonly name: string;
  readonly arguments: string;
  readonly state: CallState;
  readonly result: string | null;
  /** Credits for the call, charged if it is done. */
  readonly price: Rate;
  readonly askedAtMs: number;
  readonly endedAtMs: number | undefined;
}

/** A round that has begun, with what its model wrote if it has ended. */
export interface StoredRound {
  readonly number: number;
  readonly generationId: string;
  readonly text: string;
  /** Whether it has ended as its model meant to. */
  readonly isComplete: boolean;
  /** Where its text ends in the reply of the message, in UTF-16 units. */
  readonly textEnd: number;
  readonly chargedCredits: number;
  /** What its model wants back with the answers of tools; undefined once all rounds have ended. */
  readonly written: WrittenBlocks | undefined;
}

/** The rounds of messages, by the id of the message, in order. */
export async function roundsOf(
  db: Kysely<Database>,
  messageIds: readonly string[],
): Promise<Map<string, StoredRound[]>> {
  const rows = await db
    .selectFrom('tool_rounds as r')
    .leftJoin('messages as m', 'm.id', 'r.generation_id')
    .leftJoin('transfers as t', 't.id', 'r.generation_id')
    .select([
      'r.message_id',
      'r.number',
      'r.generation_id',
      'r.text_end',
      'r.thinking_blocks',
      'm.reply',
      'm.status',
      't.credits',
    ])
    .where('r.message_id', 'in', messageIds)
    .orderBy('r.message_id')
    .orderBy('r.number')
    .execute();
  const found = new Map<string, StoredRound[]>();
  for (const row of rows) {
    const rounds = found.get(row.message_id) ?? [];
    found.set(row.message_id, rounds);
    // The first round's row has the whole reply once all have ended.
    const text = (row.reply ?? '').slice(
      0,
      row.number === 1 ? (row.text_end ?? undefined) : undefined,
    );
    const texts = [...rounds.map((round) => round.text), text];
    rounds.push({
      number: row.number,
      generationId: row.generation_id,
      text,
      isComplete: row.status === 'complete',
      textEnd: row.text_end ?? joinedTexts(texts).length,
      chargedCredits: 0 - (row.credits ?? 0),
      written: row.thinking_blocks ? (JSON.parse(row.thinking_blocks) as WrittenBlocks) : undefined,
    });
  }
  return found;
}

/** What models thought in the rounds of a message, in order. */
export function thoughtsOf(
  db: Kysely<Database>,
  messageId: string,
): Promise<
  Array<{
    /** Set once all rounds have ended: then the first has what was thought in all of them. */
    readonly text_end: number | null;
    readonly thinking: string | null;
    readonly thinking_ms: number | null;
    readonly thinking_tokens: number | null;
  }>
> {
  return db
    .selectFrom('tool_rounds as r')
    .innerJoin('messages as m', 'm.id', 'r.generation_id')
    .select(['r.text_end', 'm.thinking', 'm.thinking_ms', 'm.thinking_tokens'])
    .where('r.message_id', '=', messageId)
    .orderBy('r.number')
    .execute();
}

/** The calls of messages, by the id of the message, in order. */
export async function callsOf(
  db: Kysely<Database>,
  messageIds: readonly string[],
): Promise<Map<string, StoredCall[]>> {
  const rows = await db
    .selectFrom('tool_calls')
    .selectAll()
    .where('message_id', 'in', messageIds)
    .orderBy('message_id')
    .orderBy('round')
    .orderBy('number')
    .execute();
  const found = new Map<string, StoredCall[]>();
  for (const row of rows) {
    const calls = found.get(row.message_id) ?? [];
    found.set(row.message_id, calls);
    calls.push(toCall(row));
  }
  return found;
}

function toCall(row: Selectable<ToolCallRow>): StoredCall {
  return {
    round: row.round,
    callId: row.call_id,
    tool: row.tool,
    name: row.name,
    arguments: row.arguments,
    state: row.state,
    result: row.result,
    price: JSON.parse(row.price) as Rate,
    askedAtMs: row.asked_at,
    endedAtMs: row.ended_at ?? undefined,
  };
}
