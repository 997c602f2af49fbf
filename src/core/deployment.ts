/** What a deployment offers: providers, and models with their prices. */
import type { Reads } from './files.ts';
import type { LdapSettings } from './ldap.ts';
import type { Effort } from './model-options.ts';
import type { Fraction, Price } from './pricing.ts';
import type { SignInProvider } from './sign-in-provider.ts';
import type { ToolSettings } from './tools.ts';

/** One address and key of a provider. */
export interface EndpointSettings {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Its share of the requests, in relation to the weights of the others. */
  readonly weight: number;
}

/** Which server a provider is: each takes and bills requests in a way of its own. */
export type ProviderKind =
  | 'openai'
  | 'azure'
  | 'anthropic'
  | 'openrouter'
  | 'gemini'
  | 'xai'
  | 'deepseek'
  | 'groq'
  | 'mistral'
  | 'ollama'
  | 'llama.cpp'
  | 'vllm'
  | 'lmstudio'
  | 'other';

/** A server that runs models, and how to reach it. */
export interface ProviderSettings {
  readonly name: string;
  /** Whose APIs it offers; `wire` in `chit.json`. */
  readonly family: 'openai' | 'anthropic';
  /** Which server it is, as the file says or its host tells. */
  readonly kind: ProviderKind;
  /** What becomes of a request with members that Chit has never heard of. */
  readonly unknownMembers: 'pass' | 'refuse';
  /**
   * Without a trailing slash: `https://api.openai.com/v1` for the family of OpenAI,
   * `https://api.anthropic.com` for that of Anthropic.
   */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it may fetch what clients name by URL; not by default on a private network. */
  readonly fetchesUrls: boolean;
  /** What to choose from; if not given, only the address, key and headers above. */
  readonly endpoints?: readonly EndpointSettings[];
  readonly connectTimeoutMs: number;
  /** The name under which it takes the output limit, where the API has two names for it. */
  readonly outputLimitName: 'max_tokens' | 'max_completion_tokens';
  /** Until the first byte of a response that comes whole, once all of it is written. */
  readonly headersTimeoutMs: number;
  /** Until the first byte of a stream, which begins before it is written. */
  readonly streamHeadersTimeoutMs: number;
  /** The longest pause within a response. */
  readonly idleTimeoutMs: number;
}

/** A model on offer. */
export interface ModelSettings {
  readonly name: string;
  /** The name of a provider, or one of the two models that Chit has built in. */
  readonly provider: string | 'built-in' | 'demo';
  /** The provider's name for it. */
  readonly upstreamModel: string;
  readonly price: Price;
  /** The price at a time in milliseconds, if it depends on the date or the hour. */
  readonly priceAt?: ((atMs: number) => Price) | undefined;
  /**
   * What the provider charges for it, in the same credits, by the file or else by the catalogue;
   * undefined if neither says.
   */
  readonly providerPrice: Price | undefined;
  readonly providerPriceAt?: ((atMs: number) => Price) | undefined;
  /** The name that the catalogue of prices knows it by, if it does. */
  readonly catalogueName?: string | undefined;
  /** The context window: input and output together, in tokens; undefined if not known. */
  readonly contextTokens: number | undefined;
  /** What it is given as it is, beside text; undefined for what is known of it. */
  readonly reads?: readonly Reads[] | undefined;
  /** The most output, in tokens; undefined if the file does not say. */
  readonly outputTokens: number | undefined;
  /** What it is good for, by language; `''` if the file does not name one. */
  readonly descriptions?: Readonly<Record<string, string>> | undefined;
  /** Whether it thinks before it replies; undefined for what is known of it. */
  readonly thinks?: boolean | undefined;
  /** Whether its prompt template opens its thinking, so that only the end of it comes. */
  readonly opensThinking?: boolean | undefined;
  /** How hard it can be told to think; undefined for what is known of it. */
  readonly efforts?: readonly Effort[] | undefined;
  /** Whether it takes a temperature; undefined for what is known of it. */
  readonly takesTemperature?: boolean | undefined;
  /** Whether it calls tools; undefined for what is known of it. */
  readonly usesTools?: boolean | undefined;
  /** Models to ask, in this order, if this one does not answer. */
  readonly fallbacks: readonly string[];
  /** Who may use it; names are usernames. */
  readonly allow: 'everyone' | 'staff' | readonly string[];
  /** Members of requests that pass although they cost something that has no price. */
  readonly allowUnpriced: readonly string[];
}

/** How fast models may be used; 0 is no limit. */
export interface RateLimits {
  readonly requestsPerMinute: number;
  readonly concurrentGenerations: number;
  /** Input and output of models, in tokens. */
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
  /** The model for requests that name none. */
  readonly defaultModel: string;
  /** Other names that clients ask for, each with the name of its model. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Limits set in the file; they override the settings. */
  readonly limits: {
    readonly account?: Partial<RateLimits>;
    readonly key?: Partial<RateLimits>;
  };
  /** The directory that checks passwords; undefined for none. */
  readonly ldap?: LdapSettings | undefined;
  /** Tools for chats of the page; undefined for none. */
  readonly tools?: readonly ToolSettings[];
  /** How often a model is asked for one message with tools, at most, if the file says so. */
  readonly toolRounds?: number | undefined;
  /** Providers by which people sign in; none if not given. */
  readonly signIn?: readonly SignInProvider[] | undefined;
  /** The dollars that one credit is worth, if the file says so. */
  readonly tokenIsWorth?: Fraction | undefined;
}
