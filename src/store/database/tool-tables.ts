/** Row types of the tables of tools in chats; a part of `schema.ts`. */
import type { Generated } from 'kysely';
import type { CallState, LoopState } from '../../core/tools.ts';

/** A message with rounds, since its model called tools. */
export interface ToolLoopRow {
  message_id: string;
  conversation_id: string;
  user_id: number;
  state: LoopState;
  /** The lease of the server that runs it, or ran it last. */
  lease_id: string;
  /** The name of the requested model. */
  model: string;
  /** The only account that shall pay, as the request named it. */
  payer: string | null;
  /** JSON, a list of the names of its tools. */
  tools: string;
  /** How many rounds it may have. */
  rounds: number;
  /** The most that all rounds may cost together; null for no such limit. */
  most_credits: number | null;
  /** While it waits for its user: until when. */
  approve_until: number | null;
  stop_requested_at: number | null;
  created_at: number;
}

/** A round: a generation with a hold, a charge and a row in `messages` of its own. */
export interface ToolRoundRow {
  /** Of the first round, the id of the message itself. */
  generation_id: string;
  message_id: string;
  /** From 1. */
  number: number;
  /** Once all have ended: where its text ends in the reply of the message, in UTF-16 units. */
  text_end: number | null;
  /** JSON, what its model wants back with the answers of tools; null once all have ended. */
  thinking_blocks: Generated<string | null>;
}

/** A call of a tool that a model asked for at the end of a round. */
export interface ToolCallRow {
  message_id: string;
  /** The number of the round that asked for it. */
  round: number;
  /** Counts the calls of the round, from 0. */
  number: number;
  call_id: string;
  /** The name of the tool in `chit.json`; empty if there is none. */
  tool: string;
  /** The name of the function, as its server has it. */
  name: string;
  arguments: string;
  state: CallState;
  result: string | null;
  /** JSON, credits for a call as a `Rate`. */
  price: string;
  /** The generation that holds and charges it: that of the next round. */
  paid_by: string | null;
  asked_at: number;
  ended_at: number | null;
}
