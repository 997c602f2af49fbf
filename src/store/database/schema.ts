/** Row types of every table, only for `store/`. Times are ms since 1970 UTC, booleans 0 or 1. */
import type { Generated } from 'kysely';
import type { BudgetKind } from '../../core/budget.ts';
import type { TransferKind } from '../../core/ledger.ts';
import type { ReplyFailure } from '../../core/reply-failure.ts';
import type { AdminKeyRow } from './admin-key-row.ts';
import type { DirectoryTables } from './directory-schema.ts';
import type { FactorTables } from './factor-schema.ts';
import type { FileTables } from './file-schema.ts';
import type { IdentityTables } from './identity-schema.ts';
import type { InvitationGroupRow, InvitationRow } from './invitation-tables.ts';
import type { NoticeTables } from './notice-schema.ts';
import type {
  ConversationRow,
  DefaultInstructionsRow,
  Flag,
  FolderRow,
  PromptRow,
  SearchProgressRow,
  TitleGenerationRow,
} from './schema-chat.ts';
import type { ShareRow } from './share-row.ts';
import type { AttemptsRow, RefreshTokenRow, UserEmailRow } from './sign-in-schema.ts';
import type { SiteAppearanceRow, SiteLogoRow } from './site-rows.ts';
import type { ToolCallRow, ToolLoopRow, ToolRoundRow } from './tool-tables.ts';
import type {
  UsageActiveRow,
  UsageModelRow,
  UsageProgressRow,
  UsageUserRow,
} from './usage-rows.ts';

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
  /** Of a personal account, the id of its user. */
  id: number;
  kind: Generated<'personal' | 'pool'>;
  posted: number;
  held: number;
  /** The part of `posted` that ends with its allowance. */
  expiring: Generated<number>;
  transfer_count: number;
  /** Whether a plan or a budget may apply to what it pays or its user spends. */
  has_limits: Generated<Flag>;
  plan_id: string | null;
  /** The plan that follows when the present one ends. */
  next_plan_id: string | null;
  plan_ends_at: number | null;
  renews_at: number | null;
  /** The latest moment at which a period of a plan began or ended; never goes back. */
  renewed_at: Generated<number>;
}

export interface TransferRow {
  id: string;
  account_id: number;
  /** Counts the transfers of the account, from 1, without gaps, in the order of booking. */
  number: number;
  kind: TransferKind;
  credits: number;
  balance_after: number;
  /** The part of the balance that ends with its allowance. */
  expiring_after: Generated<number>;
  actor: string;
  reason: string | null;
  refund_of: string | null;
  /** Who used it, for a charge to a pool; null for one to the user's own account. */
  user_id: number | null;
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
  /** The account that pays. */
  account_id: number;
  /** The user who asked. */
  user_id: number | null;
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
  /** JSON, the budgets in which it took room: `[[budget_id, subject, window_start], …]`. */
  budgets: string | null;
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
  /** What the model thought before it; erased with the message by the database. */
  thinking: Generated<string | null>;
  /** From its sending to the first word of the reply. */
  thinking_ms: Generated<number | null>;
  thinking_tokens: Generated<number | null>;
  /** An imported message was answered and charged by another program. */
  status: 'pending' | 'complete' | 'incomplete' | 'failed' | 'imported';
  /** null if the reply is whole or pending. */
  failure: ReplyFailure | null;
  created_at: number;
  ended_at: number | null;
  /** When its text was deleted; its charge stays. */
  erased_at: number | null;
}

/** A name that is taken, by the key that it shares with all names that are too similar. */
export interface UsernameKeyRow {
  key: string;
  username: string;
  claimed_at: number;
  /** The invitation that the name is kept for. */
  invitation_id: string | null;
}

/** Whom a name in `allow` of `chit.json` means, for ever. */
export interface AllowedUserRow {
  /** SHA-256 of the name, which the user may have had erased. */
  name_hash: string;
  user_id: number;
}

/** What accounts are given again and again. */
export interface PlanRow {
  id: string;
  name: string;
  /** In credits, for each period. */
  allowance: number;
  /** As `calendarText` writes it. */
  calendar: string;
  /** JSON, a list of the models that an account with it pays for; null for all. */
  models: string | null;
  requests_per_minute: number | null;
  /** Tokens of input and output together. */
  usage_per_minute: number | null;
  created_at: number;
  ended_at: number | null;
}

/** A change of all accounts with a plan, which any server carries out, batch after batch. */
export interface PlanChangeRow {
  /** Of the operation that asked for it. */
  id: string;
  /** The plan whose accounts are changed. */
  plan_id: string;
  /** What they get; null ends the plan. */
  given_plan_id: string | null;
  starts: 'now' | 'renewal';
  actor: string;
  /** How many accounts had the plan when it was asked for. */
  accounts: number;
  /** Accounts are changed in the order of their ids, up to this one. */
  after_id: number;
  changed: number;
  untouched: number;
  /** In credits. */
  expired: number;
  given: number;
  first_renewal: number | null;
  last_renewal: number | null;
  /** Until then, only one server is at it. */
  claimed_until: number;
  created_at: number;
  ended_at: number | null;
}

/** A period of a calendar, computed ahead. */
export interface CalendarPeriodRow {
  calendar: string;
  starts_at: number;
  ends_at: number;
}

export interface BudgetRow {
  /** Of an API key, the id of the key. */
  id: string;
  kind: BudgetKind;
  /** The id of the API key, group, plan or user that it is about. */
  scope: string;
  /** The limit in credits; null if spending is only counted. */
  credits: number | null;
  /** The window: so many hours from the first use, or a period of a calendar, or neither. */
  hours: number | null;
  calendar: string | null;
  created_at: number;
  ended_at: number | null;
}

/** What a subject has spent of a budget. Only the ledger writes `spent`, `held` and the window. */
export interface BudgetCounterRow {
  budget_id: string;
  /** A user; for the budget of a plan, an account. */
  subject: number;
  /** The limit of this subject, if it is another one than that of the budget. */
  credits: number | null;
  spent: number;
  held: number;
  window_start: number;
  /** When a window that is a period of a calendar ends, so that a hold need not look for it. */
  window_end: number | null;
}

/** Users who belong together, such as a class or a team. */
export interface GroupRow {
  id: string;
  name: string;
  /** The account that pays for its members, if it has one. */
  pool_id: number | null;
  /** JSON, a list of the models that the pool pays for; null for all. */
  models: string | null;
  created_at: number;
  ended_at: number | null;
}

export interface GroupMemberRow {
  group_id: string;
  user_id: number;
  is_manager: Flag;
  joined_at: number;
}

/** What the codes of a batch give: credits, or a plan for some time. */
export interface VoucherBatchRow {
  id: string;
  name: string;
  /** 0 if they give a plan. */
  credits: number;
  plan_id: string | null;
  plan_for_ms: number;
  expires_at: number | null;
  uses_per_code: number;
  uses_per_user: number;
  /** How many codes it has. */
  codes: number;
  made_by: string;
  created_at: number;
  ended_at: number | null;
}

export interface VoucherRow {
  code_hash: string;
  batch_id: string;
  /** Counts the codes of a batch, from 1. */
  number: number;
  uses: number;
}

export interface VoucherRedemptionRow {
  /** Also that of the transfer, if it booked one. */
  id: string;
  code_hash: string;
  batch_id: string;
  user_id: number;
  redeemed_at: number;
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
  /** The group whose pool alone pays for it. */
  group_id: string | null;
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
  /** `user:ID`, `cli:NAME` for a user of the operating system, or a directory. */
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

/** A server that runs now. Not written ahead of a crash. */
export interface ServerRow {
  id: string;
  /** The name of its machine. */
  host: string;
  version: string;
  /** Times are the database's own. */
  started_at: number;
  seen_at: number;
  /** How far its own clock is ahead. */
  clock_ahead_ms: number;
  /** Fingerprints: they only tell whether two servers have the same. */
  secret_key: string;
  deployment: string;
}

/** What servers have taken of a limit; written by the function `share_limits` alone. */
export interface LimitCountRow {
  key: string;
  /** The end of the window, by the database's clock. */
  ends_at: number;
  /** JSON: units by the id of the server. */
  holders: string;
}

/** One row at most: how old an entry of the audit log must be to be deleted. */
export interface RetentionRow {
  id: number;
  audit_log_before: number;
}

export interface Database
  extends FileTables,
    FactorTables,
    IdentityTables,
    NoticeTables,
    DirectoryTables {
  user_emails: UserEmailRow;
  admin_keys: AdminKeyRow;
  site_appearance: SiteAppearanceRow;
  site_logos: SiteLogoRow;
  folders: FolderRow;
  default_instructions: DefaultInstructionsRow;
  prompts: PromptRow;
  title_generations: TitleGenerationRow;
  search_progress: SearchProgressRow;
  retention: RetentionRow;
  tool_loops: ToolLoopRow;
  tool_rounds: ToolRoundRow;
  tool_calls: ToolCallRow;
  audit_log: AuditLogRow;
  one_time_links: OneTimeLinkRow;
  usage_models: UsageModelRow;
  usage_users: UsageUserRow;
  usage_active: UsageActiveRow;
  usage_progress: UsageProgressRow;
  conversations: ConversationRow;
  shares: ShareRow;
  api_keys: ApiKeyRow;
  plans: PlanRow;
  plan_changes: PlanChangeRow;
  calendar_periods: CalendarPeriodRow;
  budgets: BudgetRow;
  budget_counters: BudgetCounterRow;
  groups: GroupRow;
  group_members: GroupMemberRow;
  voucher_batches: VoucherBatchRow;
  vouchers: VoucherRow;
  voucher_redemptions: VoucherRedemptionRow;
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
  invitations: InvitationRow;
  invitation_groups: InvitationGroupRow;
  allowed_users: AllowedUserRow;
  /** Only on PostgreSQL, as the next one. */
  servers: ServerRow;
  limit_counts: LimitCountRow;
}
