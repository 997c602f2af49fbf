/**
 * What a model counted while it read and wrote, in model tokens. A number that the provider did
 * not send is `undefined`, never 0: nothing known and nothing used are different things.
 */
export interface Usage {
  /** Tokens of input, cached ones included. */
  readonly inputTokens: number | undefined;
  /** The part of the input that the provider read from its cache. */
  readonly cachedInputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/**
 * Where the numbers of a charge came from: the provider's own report, our count of what was
 * delivered, or nowhere, because the price is flat per message.
 */
export type UsageSource = 'provider' | 'counted' | 'flat';

export const UNKNOWN_USAGE: Usage = {
  inputTokens: undefined,
  cachedInputTokens: undefined,
  outputTokens: undefined,
};
