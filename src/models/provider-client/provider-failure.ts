/** Why a request to a provider failed. */
export type FailureReason =
  /** The connection could not be opened, or broke. */
  | 'unreachable'
  | 'timed_out'
  /** It responded with an error. */
  | 'refused'
  /**
   * It responded with an error about the operator: their key, account, quota or balance. No client
   * can do anything about it, and none may read of it.
   */
  | 'operator'
  /** Its response does not follow its API. */
  | 'unreadable';

/** An error in the shape that the provider's API documents. */
export interface ApiError {
  readonly message: string;
  /** Such as `invalid_request_error`; empty if there is none. */
  readonly type: string;
  /** OpenAI's `code`, such as `insufficient_quota`; empty if there is none. */
  readonly code: string;
}

/** What else is known of a failure. */
export interface FailureDetails {
  readonly status?: number | undefined;
  readonly body?: string;
  readonly apiError?: ApiError | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly isFinal?: boolean;
  readonly cause?: unknown;
}

/** A request to a provider failed, perhaps halfway. The message is for the log, never for users. */
export class ProviderFailure extends Error {
  readonly reason: FailureReason;
  /** The status of an error response. */
  readonly status: number | undefined;
  /** The body of an error response; it may contain more than users should know. */
  readonly body: string;
  /**
   * The error in that body. Undefined if the body is not JSON in the shape of the API's errors:
   * empty, the HTML page of a proxy, or cut short.
   */
  readonly apiError: ApiError | undefined;
  /** How long the provider asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Whether the provider says that asking again is of no use. */
  readonly isFinal: boolean;
  /** The provider that was asked, and the position of its endpoint in `chit.json`, from 1. */
  provider: string | undefined;
  endpoint: number | undefined;

  constructor(reason: FailureReason, message: string, details: FailureDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'ProviderFailure';
    this.reason = reason;
    this.status = details.status;
    this.body = details.body ?? '';
    this.apiError = details.apiError;
    this.retryAfterMs = details.retryAfterMs;
    this.isFinal = details.isFinal ?? false;
  }

  /** The same in whole seconds, rounded up, as `Retry-After` has it. */
  get retryAfterSeconds(): number | undefined {
    return this.retryAfterMs === undefined ? undefined : Math.ceil(this.retryAfterMs / 1_000);
  }
}
