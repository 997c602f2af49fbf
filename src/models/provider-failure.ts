/** Why a provider did not answer. */
export type FailureReason =
  /** No connection, or one that broke. */
  | 'unreachable'
  | 'timed_out'
  /** It answered with a status that says no. */
  | 'refused'
  /** What it sent is not what its API promises. */
  | 'unreadable';

/** A provider did not answer, or did not go on. The message is for the log, never for users. */
export class ProviderFailure extends Error {
  readonly reason: FailureReason;
  /** Of a refusal. */
  readonly status: number | undefined;
  /** What the provider wrote about its refusal; may say more than users should know. */
  readonly body: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    reason: FailureReason,
    message: string,
    about: {
      readonly status?: number;
      readonly body?: string;
      readonly retryAfterSeconds?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: about.cause });
    this.name = 'ProviderFailure';
    this.reason = reason;
    this.status = about.status;
    this.body = about.body ?? '';
    this.retryAfterSeconds = about.retryAfterSeconds;
  }
}
