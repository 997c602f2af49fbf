/**
 * What an error response tells a program. Every response with a status of 400 or above has the
 * header `Chit-Error` with one of these codes and, if the code has parameters, `Chit-Error-Params`
 * with them as ASCII JSON. Bodies of our own repeat both as `code` and `params`; bodies that the
 * original API fixes, and those under `/v1/`, stay as they are.
 */
import type { AdminScope } from '../../core/admin-scopes.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { FieldFault } from '../../core/field-fault.ts';
import type { FileFault, Reads } from '../../core/files.ts';
import type { MailProblem } from '../../core/mail.ts';
import type { MailObstacle } from '../../core/notices.ts';
import type { ProofMethod } from '../../core/proofs.ts';

export type { ErrorCode } from '../../core/errors.ts';
export type { FieldFault } from '../../core/field-fault.ts';
export type { ProofMethod } from '../../core/proofs.ts';
export type { ReplyFailure } from '../../core/reply-failure.ts';

/** What was missing, and when it renews, as an ISO 8601 time in UTC, if it does. */
interface MissingParams {
  readonly needed: number;
  readonly available: number;
  /** The group whose pool was to pay; not given for the personal account. */
  readonly group?: { readonly id: string; readonly name: string };
  readonly renews_at?: string;
}

/** The parameters of those codes that have some. */
export interface ErrorParams {
  /** By the path of the field in the body or the query, such as `to/5/tokens`. */
  invalid_fields: { readonly fields: Readonly<Record<string, readonly FieldFault[]>> };
  throttled: { readonly retry_after_seconds: number };
  rate_limited: {
    readonly scope: 'account' | 'key';
    readonly limit: 'requests' | 'generations' | 'usage-tokens' | 'counts';
    readonly quota: number;
    readonly retry_after_seconds: number;
  };
  proof_required: { readonly methods: readonly ProofMethod[] };
  second_factor_required: { readonly methods: readonly ProofMethod[]; readonly ticket: string };
  too_many_passkeys: { readonly max: number };
  insufficient_credits: MissingParams;
  api_key_budget_exceeded: MissingParams;
  budget_exceeded: MissingParams & { readonly budget: 'member' | 'plan' | 'user' | 'own' };
  member_invalid: { readonly member: string };
  member_repeated: { readonly member: string };
  member_unpriced: { readonly member: string };
  member_unknown: { readonly member: string };
  url_not_fetched: { readonly member: string };
  model_not_paid: { readonly model: string; readonly group: string | null };
  limit_above_staff: { readonly max: number };
  admin_key_scope: { readonly scope: AdminScope };
  too_many_admin_keys: { readonly max: number };
  too_many_api_keys: { readonly max: number };
  model_not_found: { readonly model: string };
  wire_not_spoken: { readonly model: string };
  balance_in_use: { readonly needed: number; readonly retry_after_seconds: number };
  conversation_too_long: { readonly max: number };
  tool_unavailable: { readonly tool: string };
  cost_limit_reached: { readonly needed: number; readonly most: number };
  too_many_folders: { readonly max: number };
  too_many_prompts: { readonly max: number };
  input_unseen: { readonly member: string; readonly model: string };
  file_too_large: { readonly max: number };
  file_unreadable: { readonly reason: FileFault };
  files_quota_exceeded: { readonly max: number; readonly left: number };
  shared_files_quota_exceeded: { readonly max: number; readonly left: number };
  files_not_read: {
    readonly kind: Reads;
    readonly model: string;
    /** At most fifty of them. */
    readonly models: readonly string[];
  };
  files_too_large: { readonly max: number };
  model_busy: { readonly retry_after_seconds: number };
  model_unavailable: { readonly lacks: 'model' | 'endpoint' | 'account' };
  server_busy: { readonly retry_after_seconds: number };
  too_much_at_once: { readonly retry_after_seconds: number };
  too_many_reads: { readonly retry_after_seconds: number };
  reads_busy: { readonly retry_after_seconds: number };
  grants_refused: { readonly refused: number };
  import_refused: { readonly faults: number };
  invitations_refused: { readonly faults: number };
  import_full: { readonly max_megabytes: number };
  /** At most ten of them. */
  users_unknown: { readonly users: readonly string[]; readonly count: number };
  not_members: { readonly users: readonly string[]; readonly count: number };
  pool_insufficient: { readonly needed: number };
  too_many_budgets: { readonly max: number };
  mail_failed: { readonly reason: string; readonly problem: MailProblem };
  mail_not_repeated: { readonly obstacle: MailObstacle };
  too_many_webhooks: { readonly max: number };
  deployment_invalid: { readonly faults: number };
  server_lost: { readonly charged: number };
  ledger_unavailable: { readonly is_outcome_unknown: boolean };
}

/** The parameters of a code; undefined for most. */
export type ParamsOf<Code extends ErrorCode> = Code extends keyof ErrorParams
  ? ErrorParams[Code]
  : undefined;
