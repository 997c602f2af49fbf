/**
 * The usage of a generation, in model tokens. A count that the provider did not report is
 * `undefined`, never 0: unknown usage is not zero usage.
 */
export interface Usage {
  /** Input tokens, including cached ones. */
  readonly inputTokens: number | undefined;
  /** The part of the input that the provider read from its cache. */
  readonly cachedInputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/**
 * Where the usage of a charge came from: the provider's report, our own count of what was
 * delivered, or nowhere, because the price is flat per message.
 */
export type UsageSource = 'provider' | 'counted' | 'flat';

export const UNKNOWN_USAGE: Usage = {
  inputTokens: undefined,
  cachedInputTokens: undefined,
  outputTokens: undefined,
};
