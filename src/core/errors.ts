import type { RateLimitState } from './rate-limit-state.ts';

/**
 * Everything that can go wrong in a way that a person can act on. The union is closed: the http
 * room must map every code to a status, and the compiler says so when one is missing.
 */
export interface ErrorDetails {
  /** A field of the input does not fit; the messages say what to change. */
  invalid_fields: { readonly fields: Readonly<Record<string, readonly string[]>> };
  username_taken: undefined;
  /** Name and password do not belong together, or the account is disabled. */
  invalid_credentials: undefined;
  signup_closed: undefined;
  /** Too many attempts; try again after so many seconds. */
  throttled: { readonly retryAfterSeconds: number };
  /** One of the limits on how fast models may be used is reached. */
  rate_limited: {
    readonly exceeded: RateLimitState;
    readonly states: readonly RateLimitState[];
    readonly retryAfterSeconds: number;
  };
  credentials_missing: undefined;
  authorization_header_malformed: { readonly message: string };
  /** No such key, or one that ran out. */
  api_key_invalid: undefined;
  api_key_not_found: undefined;
  /** An account has only so many. */
  too_many_api_keys: { readonly most: number };
  access_token_invalid: { readonly message: string };
  /** A token in a body (refresh, verify, blacklist) that is not accepted. */
  token_invalid: { readonly message: string };
  token_without_user: undefined;
  user_not_found: undefined;
  user_inactive: undefined;
  permission_denied: undefined;
  insufficient_credits: { readonly neededCredits: number; readonly availableCredits: number };
  /** The account has enough, but the budget of the API key has not. */
  api_key_budget_exceeded: { readonly neededCredits: number; readonly availableCredits: number };
  model_missing: undefined;
  /** The provider of the model speaks the other wire only. */
  wire_not_spoken: { readonly model: string };
  /** There is no such model, or this user may not use it. */
  model_not_found: { readonly model: string };
  /** The provider found fault with the request; `body` is what it answered. Nothing was charged. */
  model_refused: { readonly status: number; readonly body: string };
  /** The provider is overloaded, or we ask it too often. Nothing was charged. */
  model_busy: { readonly retryAfterSeconds: number };
  /** The model refused or failed before it delivered anything; nothing was charged. */
  model_failed: undefined;
  /** The balance would leave the range that can be booked exactly. */
  balance_limit: undefined;
  /**
   * The book cannot be written just now, so nothing was admitted. Where the connection was lost
   * before an answer came, it is not known whether the command was carried out.
   */
  ledger_unavailable: { readonly isOutcomeUnknown: boolean };
  /** More passwords wait to be checked than can be in a sensible time. */
  overloaded: undefined;
  session_not_found: undefined;
  conversation_not_found: undefined;
  message_not_found: undefined;
  /** The message to go on from is none of this conversation. */
  parent_not_found: undefined;
  idempotency_key_invalid: undefined;
  /** The key was used with another body. */
  idempotency_key_reused: undefined;
  /** The request with this key is still being answered. */
  idempotency_key_running: undefined;
  /** The request with this key was answered before, and its answer was not kept whole. */
  idempotency_key_done: undefined;
  /** Somebody on the staff asked for a user who is not there. */
  user_unknown: undefined;
  /** Who is on the staff cannot do this to their own account. */
  own_account: undefined;
  /** Nobody would be left who may do everything. */
  last_superuser: undefined;
  /** Something is still being written for the user. */
  account_busy: undefined;
  /** So many accounts of a distribution cannot have their share, so nobody got one. */
  grants_refused: { readonly refused: number };
  /** The setting does not let staff look at chats. */
  chats_hidden: undefined;
  /** A one-time link that was used, replaced or ran out. */
  link_invalid: undefined;
  transfer_not_found: undefined;
  /** It is no charge, or one of nothing. */
  not_refundable: undefined;
  refunded_already: undefined;
  /** Nothing is behind this path. */
  not_found: undefined;
  method_not_allowed: undefined;
  body_too_large: undefined;
  unsupported_media_type: undefined;
  /** The request cannot be read: its path, headers or body are malformed. */
  malformed_request: undefined;
  /** A page of another site made the browser send this. */
  cross_site_request: undefined;
  internal_error: undefined;
}

export type ErrorCode = keyof ErrorDetails;

/** The one error of the domain. `details` are plain data; `cause` is for the log only. */
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

/** Whether an error is a ChitError with this code, with its details typed. */
export function hasCode<Code extends ErrorCode>(
  error: unknown,
  code: Code,
): error is ChitError<Code> {
  return error instanceof ChitError && error.code === code;
}
