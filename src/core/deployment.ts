/** What a deployment offers: providers, and models with their prices. */
import type { Price } from './pricing.ts';

/** A server that runs models, and how to speak to it. */
export interface ProviderSettings {
  readonly name: string;
  /** Whose API it speaks. */
  readonly wire: 'openai' | 'anthropic';
  /**
   * Without a slash at its end: `https://api.openai.com/v1` for OpenAI's wire,
   * `https://api.anthropic.com` for Anthropic's.
   */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly connectTimeoutMs: number;
  /** What it calls the output limit, where a request does not name one itself. */
  readonly outputLimitName: 'max_tokens' | 'max_completion_tokens';
  /** Until the first byte of the answer. */
  readonly headersTimeoutMs: number;
  /** Silence in the middle of an answer. */
  readonly idleTimeoutMs: number;
}

/** A model that is offered. */
export interface ModelSettings {
  readonly name: string;
  /** The name of a provider, or one of the two models that Chit brings itself. */
  readonly provider: string | 'built-in' | 'demo';
  /** What the provider calls it. */
  readonly upstreamModel: string;
  readonly price: Price;
  /** What its provider takes, in the same credits; undefined if that was not said. */
  readonly providerPrice: Price | undefined;
  /** The most that it reads and writes together, in its tokens; undefined if that is not known. */
  readonly contextTokens: number | undefined;
  /** The most that it writes, in its tokens. */
  readonly outputTokens: number;
  /** Models that are asked in this order if this one does not answer. */
  readonly fallbacks: readonly string[];
  /** Who may use it; names are usernames. */
  readonly allow: 'everyone' | 'staff' | readonly string[];
}

/** How fast models may be used; 0 is no limit. */
export interface RateLimits {
  readonly requestsPerMinute: number;
  readonly concurrentGenerations: number;
  /** What models read and write, in their tokens. */
  readonly usageTokensPerMinute: number;
}

export const NO_LIMITS: RateLimits = {
  requestsPerMinute: 0,
  concurrentGenerations: 0,
  usageTokensPerMinute: 0,
};

export interface Deployment {
  readonly providers: readonly ProviderSettings[];
  readonly models: readonly ModelSettings[];
  /** Answers when a request names no model. */
  readonly defaultModel: string;
  /** What the file says of limits; the settings say the rest. */
  readonly limits: {
    readonly account?: Partial<RateLimits>;
    readonly key?: Partial<RateLimits>;
  };
}
