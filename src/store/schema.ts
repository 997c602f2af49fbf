/**
 * Row types of every table. They never leave `store/`: each file maps its rows to what the rest
 * of the program speaks. Times are integer milliseconds since 1970 UTC, booleans are 0 or 1.
 */

import type { Generated } from 'kysely';

type Flag = 0 | 1;

export interface UserRow {
  id: number;
  /** null once the user was deleted, so that the name is free and the bookings stay. */
  username: string | null;
  password_hash: string;
  is_active: Flag;
  is_staff: Flag;
  is_superuser: Flag;
  joined_at: number;
  /** Refresh tokens that were not issued here are refused when issued up to this time. */
  refresh_cutoff_at: number;
  deleted_at: number | null;
}

export interface AccountRow {
  id: number;
  posted: number;
  held: number;
  transfer_count: number;
}

export interface TransferRow {
  id: string;
  account_id: number;
  /** Counts the transfers of the account, from 1, without gaps, in the order of booking. */
  number: number;
  kind: 'grant' | 'adjustment' | 'charge' | 'refund';
  credits: number;
  balance_after: number;
  actor: string;
  reason: string | null;
  refund_of: string | null;
  model: string | null;
  usage_input: number | null;
  usage_cached_input: number | null;
  usage_output: number | null;
  usage_source: 'provider' | 'counted' | 'flat' | null;
  price: string | null;
  shortfall: number;
  created_at: number;
}

export interface HoldRow {
  id: string;
  account_id: number;
  credits: number;
  state: 'open' | 'settled' | 'released';
  /** null, as what follows, where a hold was released before it was opened. */
  lease_id: string | null;
  model: string | null;
  price: string | null;
  input_tokens: number | null;
  idempotency_key: string | null;
  /** The API key that asked. */
  api_key_id: string | null;
  created_at: number;
  ended_at: number | null;
}

export interface LeaseRow {
  id: string;
  expires_at: number;
}

export interface JournalRow {
  generation_id: string;
  piece: number;
  text: string;
}

export interface IdempotencyKeyRow {
  scope: string;
  key: string;
  body_hash: string;
  made_id: string;
  created_at: number;
}

/** An answer under `/v1/` to a request with an idempotency key. */
export interface KeptAnswerRow {
  /** The id of the generation. */
  id: string;
  content_type: string;
  body: string;
  created_at: number;
}

/** A thread of messages. */
export interface ConversationRow {
  id: string;
  user_id: number;
  title: string;
  model: string | null;
  system_prompt: string;
  /** The message at the end of the branch that is shown. */
  leaf_id: string | null;
  share_token: string | null;
  /** Whether it is the one for messages that were sent without a conversation. */
  is_loose: Flag;
  created_at: number;
  updated_at: number;
}

export interface MessageRow {
  /** The id of the generation: hold, message and charge share it. */
  id: string;
  user_id: number;
  conversation_id: string | null;
  /** The message before it in its conversation. */
  parent_id: string | null;
  /** Whether a client under `/v1/` sent it, which is no part of a conversation here. */
  is_relayed: Generated<Flag>;
  model: string;
  content: string;
  reply: string | null;
  status: 'pending' | 'complete' | 'incomplete' | 'failed';
  failure: string | null;
  created_at: number;
  ended_at: number | null;
  /** When its words were deleted; that it was charged stays. */
  erased_at: number | null;
}

export interface RefreshTokenRow {
  jti: string;
  user_id: number;
  issued_at: number;
  expires_at: number;
  revoked_at: number | null;
}

/** A key of the API under `/v1/`. */
export interface ApiKeyRow {
  id: string;
  user_id: number;
  name: string;
  /** The first characters of the key, by which its owner knows it. */
  prefix: string;
  /** Of the whole key. */
  secret_hash: string;
  /** JSON, a list of names; null allows all. */
  models: string | null;
  /** In credits; null for no limit but the account's. */
  budget: number | null;
  /** What was charged through it, by the ledger only. */
  spent: number;
  /** What its open holds put aside, by the ledger only. */
  held: number;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  /** When its owner ended it; its holds and charges still name it. */
  ended_at: number | null;
}

export interface Database {
  conversations: ConversationRow;
  api_keys: ApiKeyRow;
  users: UserRow;
  accounts: AccountRow;
  transfers: TransferRow;
  holds: HoldRow;
  leases: LeaseRow;
  journal: JournalRow;
  idempotency_keys: IdempotencyKeyRow;
  kept_answers: KeptAnswerRow;
  messages: MessageRow;
  refresh_tokens: RefreshTokenRow;
}
