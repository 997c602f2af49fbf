/**
 * Why a provider is aborted that has sent more than its limit allows, since it ignores the limit.
 * Its reply is complete then, as if the provider had kept to it.
 */
export class LimitPassed extends Error {
  /** The text of the reply that was delivered. */
  readonly text: string;
  /** Our count of all output that was delivered. */
  readonly outputTokens: number;

  constructor(text: string, outputTokens: number) {
    super(`The model passed the limit of its output: ${outputTokens} tokens came.`);
    this.text = text;
    this.outputTokens = outputTokens;
  }
}
