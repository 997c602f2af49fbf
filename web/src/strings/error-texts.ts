/** Which texts a dictionary must have for what the server refuses; errors travel as codes. */
import type {
  ErrorCode,
  FieldFault,
  ParamsOf,
  ReplyFailure,
} from '../../../src/http/framework/error-schema.ts';
import type { UploadErrorCode } from './files/texts.ts';
import type { InvitationErrorCode } from './invited/texts.ts';
import type { SignInErrorCode } from './sign-in/codes.ts';

/** Refusals of what only the panel asks for; the panel has texts of its own for them. */
export type PanelErrorCode =
  | 'user_unknown'
  | 'own_account'
  | 'account_busy'
  | 'balance_limit'
  | 'grants_refused'
  | 'chats_hidden'
  | 'plan_not_found'
  | 'plan_name_taken'
  | 'plan_ended'
  | 'transfer_not_found'
  | 'not_refundable'
  | 'refunded_already'
  | 'deployment_invalid'
  | 'deployment_changed'
  | 'import_refused'
  | 'import_changed'
  | 'voucher_batch_not_found'
  | 'voucher_codes_lost'
  | 'invitation_not_found'
  | 'invitation_codes_lost'
  | 'invitations_refused'
  | 'invitations_changed'
  | 'group_not_found'
  | 'group_name_taken'
  | 'group_ended'
  | 'group_without_pool'
  | 'group_member_not_found'
  | 'users_unknown'
  | 'not_members'
  | 'pool_insufficient'
  | 'gift_to_oneself'
  | 'budget_not_found'
  | 'too_many_budgets'
  | 'webhook_not_found'
  | 'too_many_webhooks'
  | 'delivery_not_found'
  | 'email_missing'
  | 'mail_failed'
  | 'mail_not_repeated'
  | 'backup_running'
  | 'backup_impossible'
  | 'scim_token_not_found'
  | 'scim_token_name_taken'
  | 'admin_key_not_found'
  | 'too_many_admin_keys'
  | 'appearance_changed'
  | 'trial_not_found'
  | 'directory_not_set'
  | 'permission_denied';

/** Refusals that only programs meet; should one reach a page, the server's sentence is shown. */
type ProgramErrorCode =
  | 'logout_token_refused'
  | 'scim_token_invalid'
  | 'scim_refused'
  | 'credentials_missing'
  | 'authorization_header_malformed'
  | 'api_key_invalid'
  | 'admin_key_invalid'
  | 'admin_key_misplaced'
  | 'admin_key_scope'
  | 'admin_key_refused'
  | 'admin_key_unproven'
  | 'access_token_invalid'
  | 'token_invalid'
  | 'token_without_user'
  | 'user_not_found'
  | 'user_inactive'
  | 'api_key_budget_exceeded'
  | 'member_invalid'
  | 'member_repeated'
  | 'member_unpriced'
  | 'member_unknown'
  | 'url_not_fetched'
  | 'model_missing'
  | 'wire_not_spoken'
  | 'input_unseen'
  | 'idempotency_key_invalid'
  | 'not_found'
  | 'method_not_allowed'
  | 'unsupported_media_type'
  | 'precondition_failed'
  | 'range_not_satisfiable'
  | 'malformed_request'
  | 'request_timeout'
  | 'server_lost'
  | 'server_stopping'
  | 'too_much_at_once';

/** Told by their status 429 and the header Retry-After. */
type RateErrorCode = 'throttled' | 'rate_limited' | 'too_many_reads';

/** Refusals about one's address for mail, with texts of their own, loaded with that part. */
export type MailErrorCode = 'mail_off' | 'email_taken' | 'link_of_another';

/** Everything that the chat page can be refused with, except for fields at fault. */
export type PageErrorCode = Exclude<
  ErrorCode,
  | PanelErrorCode
  | ProgramErrorCode
  | RateErrorCode
  | UploadErrorCode
  | MailErrorCode
  | SignInErrorCode
  | UploadErrorCode
  | InvitationErrorCode
  | 'invalid_fields'
>;

type FaultOf<Code extends FieldFault['code']> = Extract<FieldFault, { readonly code: Code }>;

/** A text for each of some error codes, or a function of the code's parameters. */
export type ErrorTexts<Code extends ErrorCode> = {
  readonly [C in Code]: string | ((params: NonNullable<ParamsOf<C>>) => string);
};

/** A text for each kind of fault in a field, or a function of the fault. */
export type FaultTexts<Code extends FieldFault['code']> = {
  readonly [C in Code]: string | ((fault: FaultOf<C>) => string);
};

/** Faults that only the panel's forms can have. */
export type PanelFaultCode =
  | 'too_few_items'
  | 'too_many_items'
  | 'not_a_choice'
  | 'not_a_time'
  | 'not_in_the_future'
  | 'superuser_is_staff'
  | 'not_https'
  | 'not_a_logo'
  | 'span_too_long'
  | 'start_after_end';

export type PageFaultCode = Exclude<FieldFault['code'], PanelFaultCode>;

/** What a dictionary says of errors. */
export interface RefusalTexts {
  readonly errors: Partial<ErrorTexts<ErrorCode>>;
  readonly fieldFaults: Partial<FaultTexts<FieldFault['code']>>;
}

/** The chat page's dictionary of what the server refuses, and of replies that failed. */
export interface PageRefusalTexts {
  readonly errors: ErrorTexts<PageErrorCode>;
  readonly fieldFaults: FaultTexts<PageFaultCode>;
  readonly failures: Readonly<Record<ReplyFailure, string>>;
}
