/**
 * Row types of every table. They never leave `store/`: each file maps its rows to domain types.
 * Times are integer milliseconds since 1970 UTC, booleans are 0 or 1.
 */

import type { Generated } from 'kysely';
import type { ReplyFailure } from '../../core/reply-failure.ts';

type Flag = 0 | 1;

export interface UserRow {
  id: number;
  /** null once the user was deleted: the name is free again, and the transfers stay. */
  username: string | null;
  password_hash: string;
  /** Counts changes of the password; another hash of the same password is none. */
  password_version: Generated<number>;
  is_active: Flag;
  is_staff: Flag;
  is_superuser: Flag;
  joined_at: number;
  /** Refresh tokens that were not issued here are refused when issued up to this time. */
  refresh_cutoff_at: number;
  /** Access tokens issued up to this time are refused. */
  access_cutoff_at: Generated<number>;
  /** When the last request came, to about a minute; 0 if never. */
  last_seen_at: Generated<number>;
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
  /** JSON, the whole `Usage`, if the three counts before do not say all of it. */
  usage: string | null;
  /** JSON, counts by unit of what had no price; null if all had one. */
  unpriced: string | null;
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
  /** This and what follows is null if the hold was released before it was opened. */
  lease_id: string | null;
  model: string | null;
  price: string | null;
  input_tokens: number | null;
  idempotency_key: string | null;
  /** The API key of the request. */
  api_key_id: string | null;
  /** When its user asked to stop it, at a server other than the one that generates it. */
  stop_requested_at: number | null;
  created_at: number;
  ended_at: number | null;
}

export interface LeaseRow {
  id: string;
  expires_at: number;
  /** How long a renewal lasts; null if a server of an earlier version took the lease. */
  for_ms: number | null;
}

export interface JournalRow {
  generation_id: string;
  piece: number;
  text: string;
  /** Output that is not part of the reply, such as reasoning. */
  non_reply_output: string;
}

export interface IdempotencyKeyRow {
  scope: string;
  key: string;
  body_hash: string;
  made_id: string;
  created_at: number;
}

/** The response under `/v1/` to a request with an idempotency key. */
export interface IdempotentResponseRow {
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
  /** Whether messages that were sent without a conversation are moved into it; one of each user. */
  adopts_orphans: Flag;
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
  /** Whether a client under `/v1/` sent it; then it belongs to no conversation. */
  is_relayed: Generated<Flag>;
  model: string;
  content: string;
  reply: string | null;
  /** An imported message was answered and charged by another program. */
  status: 'pending' | 'complete' | 'incomplete' | 'failed' | 'imported';
  /** null if the reply is whole or pending. */
  failure: ReplyFailure | null;
  created_at: number;
  ended_at: number | null;
  /** When its text was deleted; its charge stays. */
  erased_at: number | null;
}

export interface RefreshTokenRow {
  jti: string;
  user_id: number;
  issued_at: number;
  expires_at: number;
  revoked_at: number | null;
  /** How often the token was replaced by the next one of its session. */
  generation: Generated<number>;
  rotated_at: number | null;
}

/** Attempts to sign in or up, until they are forgotten. */
export interface AttemptsRow {
  key: string;
  attempts: number;
  expires_at: number;
}

/** A name that is taken, by the key that it shares with all names that are too similar. */
export interface UsernameKeyRow {
  key: string;
  username: string;
  claimed_at: number;
}

/** Whom a name in `allow` of `chit.json` means, for ever. */
export interface AllowedUserRow {
  /** SHA-256 of the name, which the user may have had erased. */
  name_hash: string;
  user_id: number;
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
  /** JSON, a list of model names; null allows all. */
  models: string | null;
  /** In credits; null if only the account limits it. */
  budget: number | null;
  /** What was charged through it; only the ledger writes this. */
  spent: number;
  /** The sum of its open holds; only the ledger writes this. */
  held: number;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  /** When it was revoked; its holds and charges still name it. */
  ended_at: number | null;
}

/** An action of staff or of the command line. */
export interface AuditLogRow {
  id: string;
  at: number;
  /** `user:ID`, or `cli:NAME` for a user of the operating system. */
  actor: string;
  address: string | null;
  action: string;
  /** The object of the action, as `user:ID` or another kind and name. */
  target: string;
  reason: string | null;
  /** JSON objects with the values that changed. */
  before: string | null;
  after: string | null;
}

/** A link that works once: to create the first superuser, or to choose a new password. */
export interface OneTimeLinkRow {
  token_hash: string;
  purpose: 'setup' | 'password';
  user_id: number | null;
  expires_at: number;
  /** As `actor` in the audit log; null for setup and for links of earlier versions. */
  made_by: string | null;
  made_at: number | null;
}

/** Usage of a model, summed up by hour, day or month. */
export interface UsageModelRow {
  granularity: 'hour' | 'day' | 'month';
  /** As `2026-11-23T18`, `2026-11-23` or `2026-11`, in UTC. */
  period: string;
  model: string;
  messages: number;
  failed: number;
  charged: number;
  shortfall: number;
  refunded: number;
  usage_input: number;
  usage_cached_input: number;
  usage_output: number;
  /** JSON, a histogram of durations: the buckets of `core/durations.ts`. */
  durations: string;
}

/** Usage of a user, summed up by hour, day or month. */
export interface UsageUserRow {
  user_id: number;
  /** As `2026-11-23T18`, `2026-11-23` or `2026-11`, in UTC. */
  period: string;
  messages: number;
  failed: number;
  charged: number;
  usage_input: number;
  usage_output: number;
}

/** How many users were active in a period. */
export interface UsageActiveRow {
  period: string;
  users: number;
}

/** One row: up to when usage is summed up. */
export interface UsageProgressRow {
  id: number;
  until_at: number;
}

export interface Database {
  audit_log: AuditLogRow;
  one_time_links: OneTimeLinkRow;
  usage_models: UsageModelRow;
  usage_users: UsageUserRow;
  usage_active: UsageActiveRow;
  usage_progress: UsageProgressRow;
  conversations: ConversationRow;
  api_keys: ApiKeyRow;
  users: UserRow;
  accounts: AccountRow;
  transfers: TransferRow;
  holds: HoldRow;
  leases: LeaseRow;
  journal: JournalRow;
  idempotency_keys: IdempotencyKeyRow;
  idempotent_responses: IdempotentResponseRow;
  messages: MessageRow;
  refresh_tokens: RefreshTokenRow;
  attempts: AttemptsRow;
  username_keys: UsernameKeyRow;
  allowed_users: AllowedUserRow;
}
