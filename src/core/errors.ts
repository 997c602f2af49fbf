import type { AdminScope } from './admin-scopes.ts';
import type { BudgetKind } from './budget.ts';
import type { FieldError, FieldFault } from './field-fault.ts';
import type { FileFault, Reads } from './files.ts';
import type { MailProblem } from './mail.ts';
import type { MailObstacle } from './notices.ts';
import type { ProofMethod } from './proofs.ts';
import type { RateLimitState } from './rate-limit-state.ts';
import type { ScimErrorType } from './scim.ts';
import type { SignInErrors } from './sign-in-errors.ts';

/**
 * Every error that a person can act on, with its details. The union is closed: the HTTP layer maps
 * each code to a status, and the compiler reports a code without one.
 */
export interface ErrorDetails extends SignInErrors {
  /** By the path of the field in the body or the query, such as `to/5/tokens`. */
  invalid_fields: { readonly fields: Readonly<Record<string, readonly FieldError[]>> };
  username_taken: undefined;
  /** The username or the password is wrong, or the account is disabled. */
  invalid_credentials: undefined;
  signup_closed: undefined;
  /** Too many attempts; retry after this many seconds. */
  throttled: { readonly retryAfterSeconds: number };
  /** A limit on how fast models may be used was reached. */
  rate_limited: {
    readonly exceeded: RateLimitState;
    readonly states: readonly RateLimitState[];
    readonly retryAfterSeconds: number;
  };
  credentials_missing: undefined;
  authorization_header_malformed: { readonly message: string };
  /** No such API key, or it has expired. */
  api_key_invalid: undefined;
  api_key_not_found: undefined;
  /** The account has as many API keys as it may have. */
  too_many_api_keys: { readonly most: number };
  /** No such admin key, or it was ended or has expired. */
  admin_key_invalid: undefined;
  /** The admin key is not for this. */
  admin_key_scope: { readonly scope: AdminScope };
  /** The admin key was sent where only people, or API keys, are let in. */
  admin_key_misplaced: undefined;
  /** Staff need a second factor, and the key was made without, or its maker has none now. */
  admin_key_unproven: undefined;
  /** No admin key may do this. */
  admin_key_refused: undefined;
  admin_key_not_found: undefined;
  /** Somebody else has changed the appearance of the site since it was read. */
  appearance_changed: undefined;
  too_many_admin_keys: { readonly most: number };
  access_token_invalid: { readonly message: string };
  /** A token in a body (refresh, verify, blacklist) is not accepted. */
  token_invalid: { readonly message: string };
  token_without_user: undefined;
  /** The user of the token, or of a grant, does not exist. */
  user_not_found: undefined;
  user_inactive: undefined;
  permission_denied: undefined;
  /** Only who has just proved who they are may do this; one of these is asked for. */
  proof_required: { readonly methods: readonly ProofMethod[] };
  /** The password was right; one of these goes with the ticket. */
  second_factor_required: { readonly methods: readonly ProofMethod[]; readonly ticket: string };
  /** A member of staff has no second factor, which this site requires. */
  second_factor_missing: undefined;
  /** A step of a sign-in that has expired or was done, or a challenge of that kind. */
  ticket_invalid: undefined;
  code_wrong: undefined;
  passkey_refused: undefined;
  /** The user has no such passkey, or no authenticator app. */
  passkey_not_found: undefined;
  /** The address of the site is none that passkeys can be for. */
  passkeys_unavailable: undefined;
  too_many_passkeys: { readonly most: number };
  /** Staff must have a second factor, and it is the last one. */
  last_factor: undefined;
  insufficient_credits: Missing;
  /** The account has enough, but the budget of the API key has not. */
  api_key_budget_exceeded: Missing;
  /** The account has enough, but another budget has not. */
  budget_exceeded: Missing & { readonly budget: Exclude<BudgetKind, 'key'> };
  /** The account that was named to pay is none of the user's. */
  payer_unknown: undefined;
  /** The account that was named does not pay for the model; no group: the personal account. */
  model_not_paid: { readonly model: string; readonly group: string | undefined };
  /** A user's own limit would be above the one that staff have set. */
  limit_above_staff: { readonly mostCredits: number };
  /** The user has no such limit. */
  limit_not_found: undefined;
  /** The account has enough, but requests that are running hold it. */
  balance_in_use: { readonly neededCredits: number; readonly retryAfterSeconds: number };
  /** A member of a request under `/v1/` has a value that no provider takes, or must be left out. */
  member_invalid: { readonly member: string; readonly expected: string };
  /** A member is given twice, or under a name that some servers read as another one. */
  member_repeated: { readonly member: string; readonly readAs: string };
  /** A member can cost what the price of the model does not cover; `remedy` is a setting. */
  member_unpriced: { readonly member: string; readonly remedy: string };
  /** Nobody knows what the member costs. */
  member_unknown: { readonly member: string };
  /** A URL that a provider on a private network would fetch. */
  url_not_fetched: { readonly member: string };
  model_missing: undefined;
  /** The provider of the model offers only the other API. */
  wire_not_spoken: { readonly model: string };
  /** What a member of the request stands for cannot be seen, so nobody knows what it may cost. */
  input_unseen: { readonly member: string; readonly model: string };
  /** There is no such model, or this user may not use it. */
  model_not_found: { readonly model: string };
  /** The provider rejected the request; `body` is its response. Nothing was charged. */
  model_refused: { readonly status: number; readonly body: string };
  /** The provider is overloaded, or rate-limits us. Nothing was charged. */
  model_busy: { readonly retryAfterSeconds: number };
  /**
   * The provider does not have the model, or not this API of it, or refuses the operator's account.
   * Trying again does not help. Nothing was charged.
   */
  model_unavailable: { readonly lacks: 'model' | 'endpoint' | 'account' };
  /** The model refused or failed before it delivered anything. Nothing was charged. */
  model_failed: undefined;
  /**
   * The server was interrupted for so long that another one ended its generation; the ledger says
   * what that charged.
   */
  server_lost: { readonly chargedCredits: number };
  /** The balance would leave the range in which amounts are exact. */
  balance_limit: undefined;
  /**
   * The ledger cannot be written right now, so nothing was admitted. If the connection was lost
   * before the database replied, it is unknown whether the command was carried out.
   */
  ledger_unavailable: { readonly isOutcomeUnknown: boolean };
  /** The server has more to do than it can do in a reasonable time. */
  server_busy: { readonly retryAfterSeconds: number };
  /** An account is sending more at once than it may. */
  too_much_at_once: { readonly retryAfterSeconds: number };
  /** This user has as many searches, reports and exports waiting as one may have. */
  too_many_reads: { readonly retryAfterSeconds: number };
  /** Searches, reports and exports of others take too long for this one to have its turn. */
  reads_busy: { readonly retryAfterSeconds: number };
  /** A search or report was ended, since it took longer than any may take. */
  read_too_long: undefined;
  /** More passwords are waiting to be checked than can be checked in a reasonable time. */
  overloaded: undefined;
  session_not_found: undefined;
  conversation_not_found: undefined;
  folder_not_found: undefined;
  too_many_folders: { readonly most: number };
  prompt_not_found: undefined;
  too_many_prompts: { readonly most: number };
  /** The branch to continue is longer than this many characters. Nothing was charged. */
  conversation_too_long: { readonly most: number };
  message_not_found: undefined;
  /** The user has no such file; it may have been deleted since nobody sent it. */
  file_not_found: undefined;
  /** A message or an assistant has the file, so that it goes only with that. */
  file_in_use: undefined;
  file_too_large: { readonly most: number };
  /** Nothing can be told of the content of a file, or not within the limits. */
  file_unreadable: { readonly reason: FileFault };
  /** The files of the user would have more bytes than they may; so many are left. */
  files_quota_exceeded: { readonly most: number; readonly left: number };
  /** The same of the assistants that are shared with a group, or with everybody. */
  shared_files_quota_exceeded: { readonly most: number; readonly left: number };
  /** The model reads no pictures, or a PDF file has no text for it. These models read all. */
  files_not_read: {
    readonly kind: Reads;
    readonly model: string;
    readonly models: readonly string[];
  };
  /** The pictures and PDF files of the chat have more bytes than providers take at once. */
  files_too_large: { readonly most: number };
  /** The parent message is not in this conversation. */
  parent_not_found: undefined;
  idempotency_key_invalid: undefined;
  /** The key was used with another body. */
  idempotency_key_reused: undefined;
  /** The request with this key is still being processed. */
  idempotency_key_running: undefined;
  /** The request with this key was answered before, and its response was not kept. */
  idempotency_key_done: undefined;
  /** A member of staff asked for a user who does not exist. */
  user_unknown: undefined;
  /** Staff cannot do this to their own account. */
  own_account: undefined;
  /** No superuser would be left. */
  last_superuser: undefined;
  /** A reply is still being generated for the user. */
  account_busy: undefined;
  /** This many accounts of a distribution cannot receive their amount, so nothing was booked. */
  grants_refused: { readonly refused: number };
  /** A file of users has faults, so nothing of it was imported. */
  import_refused: { readonly faults: number };
  /** An import would do something else now than when somebody looked at what it would do. */
  import_changed: undefined;
  /** An account has imported as much text of other products as it may. */
  import_full: { readonly mostBytes: number };
  voucher_batch_not_found: undefined;
  /** No voucher has this code, or it cannot be one. */
  voucher_unknown: undefined;
  /** It has expired, or staff have ended its batch. */
  voucher_expired: undefined;
  /** Its code was redeemed as often as it may be. */
  voucher_used_up: undefined;
  /** This user has redeemed as many codes of its batch as one may. */
  voucher_limit: undefined;
  /** The secret key is another one than when the batch was made, so nobody knows its codes. */
  voucher_codes_lost: undefined;
  /** No invitation has this code, or it cannot be one. */
  invitation_unknown: undefined;
  /** Somebody has come by it. */
  invitation_used: undefined;
  /** Staff have ended it. */
  invitation_ended: undefined;
  invitation_expired: undefined;
  /** Staff ask for invitations that there are not, or that nobody can come by any more. */
  invitation_not_found: undefined;
  /** The secret key is another one than when it was made, so nobody knows its code. */
  invitation_codes_lost: undefined;
  /** A list of people has faults, so nobody was invited. */
  invitations_refused: {
    readonly faults: number;
    readonly first: {
      readonly row: number;
      readonly column: string | undefined;
      readonly message: string;
    };
  };
  /** Inviting would do something else now than when somebody looked at what it would do. */
  invitations_changed: undefined;
  /** A setting keeps staff from reading chats. */
  chats_hidden: undefined;
  /** The token of a directory is missing, unknown, expired or ended. */
  scim_token_invalid: undefined;
  scim_token_not_found: undefined;
  /** Another token that has not ended has the name. */
  scim_token_name_taken: undefined;
  /** A request of a directory that cannot be carried out; `message` is a sentence. */
  scim_refused: {
    readonly status: number;
    readonly type: ScimErrorType;
    readonly message: string;
  };
  /** The LDAP directory that has to check a password cannot be asked. */
  directory_unavailable: undefined;
  /** The directory knows the person, but there is no account, and none may be made. */
  directory_no_account: undefined;
  /** The password is that of a directory, so that it is not changed here. */
  directory_password: undefined;
  /** A one-time link that was used or replaced, or has expired. */
  link_invalid: undefined;
  plan_not_found: undefined;
  /** Another plan that has not ended has the name. */
  plan_name_taken: undefined;
  /** The plan has ended, so that it cannot be changed or given. */
  plan_ended: undefined;
  transfer_not_found: undefined;
  /** The transfer is not a charge, or charged nothing. */
  not_refundable: undefined;
  refunded_already: undefined;
  /** `chit.json` has faults, so that it was not put in force. */
  deployment_invalid: { readonly faults: readonly string[] };
  /** `chit.json` was changed since somebody looked at what it changes. */
  deployment_changed: undefined;
  /** A backup is being made already. */
  backup_running: undefined;
  /** This server cannot make a backup; why, and what to do. */
  backup_impossible: { readonly reason: string };
  /** There is no such group, or it is not for this user to know of. */
  group_not_found: undefined;
  group_name_taken: undefined;
  /** The group has ended and can no longer be changed. */
  group_ended: undefined;
  group_without_pool: undefined;
  /** The user is not in the group. */
  group_member_not_found: undefined;
  /** Nobody has these names or ids; nothing was changed. */
  users_unknown: { readonly users: readonly string[] };
  /** The users with these ids are not in the group; nothing was booked. */
  not_members: { readonly users: readonly string[] };
  /** A pool has less that lasts than was to be given out; nothing was booked. */
  pool_insufficient: { readonly neededCredits: number };
  /** Who manages a group gives nothing of its pool to themselves; nothing was booked. */
  gift_to_oneself: undefined;
  budget_not_found: undefined;
  too_many_budgets: { readonly most: number };
  /** A tool that is turned on cannot be reached. Nothing was charged. */
  tool_unavailable: { readonly tool: string };
  /** What a message with tools may cost at most does not suffice. Nothing was charged. */
  cost_limit_reached: { readonly neededCredits: number; readonly mostCredits: number };
  /** The message does not wait for an approval, or no longer does. */
  nothing_to_approve: undefined;
  /** The site sends no mail. */
  mail_off: undefined;
  /** Another user has confirmed the address. */
  email_taken: undefined;
  /** The user has no address that was confirmed. */
  email_missing: undefined;
  /** A mail could not be sent; what the server for it said. */
  mail_failed: { readonly reason: string; readonly problem: MailProblem };
  /** A mail that was given up is not sent again: nobody would have any use of it. */
  mail_not_repeated: { readonly obstacle: MailObstacle };
  webhook_not_found: undefined;
  too_many_webhooks: { readonly most: number };
  /** The webhook has no such delivery. */
  delivery_not_found: undefined;
  /** No route or page has this path. */
  not_found: undefined;
  method_not_allowed: undefined;
  body_too_large: undefined;
  /** `isEncoded`: it is the content coding, such as gzip, that is not supported. */
  unsupported_media_type: { readonly contentType: string; readonly isEncoded?: boolean };
  /** The file is not the version that `If-Match` or `If-Unmodified-Since` asks for. */
  precondition_failed: undefined;
  /** The file does not have the bytes that `Range` asks for. */
  range_not_satisfiable: { readonly contentRange: string };
  /** The request cannot be read: its path, headers or body are malformed. */
  malformed_request: undefined;
  /** The request took too long to arrive. */
  request_timeout: undefined;
  /** A page of another site made the browser send this. */
  cross_site_request: undefined;
  /** The server is shutting down, so it is not ready. */
  server_stopping: undefined;
  internal_error: undefined;
}

/** Credits that are missing. */
interface Missing {
  readonly neededCredits: number;
  readonly availableCredits: number;
  /** The group whose pool was to pay; undefined for the personal account. */
  readonly group?: { readonly id: string; readonly name: string } | undefined;
  /** The output limit that could be paid for, where the request asked for a higher one. */
  readonly fittingOutput?: number | undefined;
  /** When what was short renews, in milliseconds since 1970 UTC; undefined for never. */
  readonly renewsAtMs?: number | undefined;
  /** How long that is from now, in seconds, if it is within a day. */
  readonly retryAfterSeconds?: number | undefined;
}

export type ErrorCode = keyof ErrorDetails;

/** The one error of the domain. `details` are plain data; `cause` is only for the log. */
export class ChitError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly details: ErrorDetails[Code];

  constructor(code: Code, details: ErrorDetails[Code], options?: ErrorOptions) {
    super(code, options);
    this.name = 'ChitError';
    this.code = code;
    this.details = details;
  }
}

/** The error for a request in which one field is invalid. */
export function invalidField(
  field: string,
  message: string,
  fault: FieldFault,
): ChitError<'invalid_fields'> {
  return new ChitError('invalid_fields', { fields: { [field]: [{ message, fault }] } });
}

/** Whether an error is a ChitError with this code, with its details typed. */
export function hasCode<Code extends ErrorCode>(
  error: unknown,
  code: Code,
): error is ChitError<Code> {
  return error instanceof ChitError && error.code === code;
}
