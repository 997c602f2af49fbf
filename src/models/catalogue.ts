import type { PromptContext } from '../core/conversation.ts';
import type { Price } from '../core/pricing.ts';
import { faultOfPrice } from '../core/pricing.ts';
import type { Usage } from '../core/usage.ts';
import type { Provider } from './provider.ts';

/** What to ask a model. */
export interface GenerateRequest {
  readonly content: string;
  /** The system prompt and the conversation so far. */
  readonly promptContext: PromptContext;
  /** The most tokens that the model may write: the hold pays for no more. */
  readonly outputLimit: number;
  /** Aborts when the rest is not wanted. */
  readonly signal: AbortSignal;
}

/** A piece of a response; each member is only present if it has content. */
export interface Delta {
  /** Text of the reply. */
  readonly text?: string;
  /** Output that is not part of the reply: reasoning, tool arguments. It is charged too. */
  readonly nonReplyOutput?: string;
  /** The usage that the provider reported so far; later numbers replace earlier ones. */
  readonly usage?: Usage;
  /** The content type of a relayed response, sent before its bytes. */
  readonly contentType?: string;
  /** Bytes to relay unchanged; `text` and `usage` are parsed from them. */
  readonly bytes?: Uint8Array;
  /** The bytes that tell the client that the response is complete: sent once it is charged. */
  readonly end?: Uint8Array;
}

/** A model on offer, with its price. */
export interface Model {
  readonly name: string;
  /** The price at this moment: with some providers it depends on the date or the hour. */
  readonly price: Price;
  /** What its provider charges, in the same credits; undefined if not given. */
  readonly providerPrice: Price | undefined;
  /** The most output tokens of a request that does not limit them. */
  readonly outputLimit: number;
  /** Whether no request can have more. */
  readonly isOutputLimitKnown: boolean;
  /** The context window, input and output together; undefined if not known. */
  readonly contextTokens: number | undefined;
  /** How long it may send nothing before it times out, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Names of the models to ask, in this order, if it does not answer. */
  readonly fallbacks: readonly string[];
  /** Who may use it; a list has usernames. */
  readonly allow: 'everyone' | 'staff' | readonly string[];
  /** Members of requests that pass although they cost something that has no price. */
  readonly allowUnpriced: readonly string[];
  /** Its provider, and the provider's name for it; undefined for a built-in model. */
  readonly upstream: { readonly provider: Provider; readonly model: string } | undefined;
  /** Generates a response piece by piece; throws if it fails, also halfway. */
  generate(request: GenerateRequest): AsyncIterable<Delta>;
}

/** Defaults of models. */
export const MODEL_DEFAULTS = {
  isOutputLimitKnown: true,
  contextTokens: undefined,
  providerPrice: undefined,
  idleTimeoutMs: 60_000,
  fallbacks: [],
  allow: 'everyone',
  allowUnpriced: [],
  upstream: undefined,
} as const;

/** The models on offer. A model without a valid price prevents the start. */
export class Catalogue {
  /** In display order. */
  readonly all: readonly Model[];
  /** The model for requests that name none. */
  readonly defaultModel: Model;

  /**
   * @param defaultModel one of the names
   * @throws Error naming the model and the wrong part of its price
   */
  constructor(models: readonly Model[], defaultModel?: string) {
    for (const model of models) {
      const fault = faultOfPrice(model.price);
      if (fault) {
        throw new Error(
          `The price of model "${model.name}" has a wrong "${fault}": ` +
            'it is not a rate of at least 0.',
        );
      }
    }
    this.all = models;
    const found = defaultModel === undefined ? models[0] : this.find(defaultModel);
    if (!found) throw new Error(`There is no model "${defaultModel}" to be the default.`);
    this.defaultModel = found;
  }

  find(name: string): Model | undefined {
    return this.all.find((model) => model.name === name);
  }

  /** Closes the connections to all providers. */
  async close(): Promise<void> {
    const providers = new Set(this.all.flatMap(({ upstream }) => upstream?.provider ?? []));
    await Promise.all([...providers].map((provider) => provider.close()));
  }
}
