/** Why a request to a provider failed. */
export type FailureReason =
  /** The connection could not be opened, or broke. */
  | 'unreachable'
  | 'timed_out'
  /** It responded with an error. */
  | 'refused'
  /** Its response does not follow its API. */
  | 'unreadable';

/** A request to a provider failed, perhaps halfway. The message is for the log, never for users. */
export class ProviderFailure extends Error {
  readonly reason: FailureReason;
  /** The status of an error response. */
  readonly status: number | undefined;
  /** The body of an error response; it may contain more than users should know. */
  readonly body: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    reason: FailureReason,
    message: string,
    details: {
      readonly status?: number;
      readonly body?: string;
      readonly retryAfterSeconds?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'ProviderFailure';
    this.reason = reason;
    this.status = details.status;
    this.body = details.body ?? '';
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}
