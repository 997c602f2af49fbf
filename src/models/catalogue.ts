import type { PromptContext } from '../core/conversation.ts';
import type { Reads } from '../core/files.ts';
import type { Effort, ModelOptions, ThinkingStyle } from '../core/model-options.ts';
import type { Price } from '../core/pricing.ts';
import { faultOfPrice } from '../core/pricing.ts';
import type { BlockPiece, ToolCallPiece, ToolPrompt } from '../core/tools.ts';
import type { Usage } from '../core/usage.ts';
import type { Attempts } from './provider-client/attempts.ts';
import type { Provider } from './provider-client/provider.ts';

/** What to ask a model. */
export interface GenerateRequest {
  readonly content: string;
  /** The system prompt and the conversation so far. */
  readonly promptContext: PromptContext;
  /** Those of the chat's options that the model has; none if not given. */
  readonly options?: ModelOptions | undefined;
  /** The most tokens that the model may write: the hold pays for no more. */
  readonly outputLimit: number;
  /** Aborts when the rest is not wanted. */
  readonly signal: AbortSignal;
  /** How often providers may still be asked in this turn; by default as often as in a new one. */
  readonly attempts?: Attempts;
  /** Tools that the model may call; undefined for none. */
  readonly tools?: ToolPrompt | undefined;
}

/** A piece of a response; each member is only present if it has content. */
export interface Delta {
  /** Text of the reply. */
  readonly text?: string;
  /** Output that is not part of the reply: reasoning, tool arguments. It is charged too. */
  readonly nonReplyOutput?: string;
  /** The usage that the provider reported so far; later numbers replace earlier ones. */
  readonly usage?: Usage;
  /** Pieces of calls of tools, for a request that has them. */
  readonly toolCalls?: readonly ToolCallPiece[];
  /** Pieces of all that its model wants back with the answers of tools. */
  readonly blocks?: readonly BlockPiece[];
  /** The content type of a relayed response, sent before its bytes. */
  readonly contentType?: string;
  /** Bytes to relay unchanged; `text` and `usage` are parsed from them. */
  readonly bytes?: Uint8Array;
  /** Whether the bytes are one of many pieces although no stream was asked for, as of sound. */
  readonly isPiece?: boolean;
  /** The bytes that tell the client that the response is complete: sent once it is charged. */
  readonly end?: Uint8Array;
}

/** A model on offer, with its price. */
export interface Model {
  readonly name: string;
  /** The price at this moment: with some providers it depends on the date or the hour. */
  readonly price: Price;
  /** What its provider charges at this moment, in the same credits; undefined if not known. */
  readonly providerPrice: Price | undefined;
  /** The most output tokens of a request that does not limit them. */
  readonly outputLimit: number;
  /** Whether no request can have more. */
  readonly isOutputLimitKnown: boolean;
  /** The context window, input and output together; undefined if not known. */
  readonly contextTokens: number | undefined;
  /** What it is given as it is, beside text; all else becomes text. */
  readonly reads: readonly Reads[];
  /** What it is good for, by language; `''` is for every one. */
  readonly descriptions: Readonly<Record<string, string>> | undefined;
  /** Whether it thinks before it replies. */
  readonly thinks: boolean;
  /** Whether its prompt template opens its thinking, so that a reply has the end of it alone. */
  readonly opensThinking: boolean;
  /** How hard it can be told to think, and by what; the lowest first. */
  readonly efforts: readonly Effort[];
  readonly thinkingStyle: ThinkingStyle;
  readonly takesTemperature: boolean;
  readonly usesTools: boolean;
  /** How long a stream of it may send nothing before it times out, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** The same for an answer that comes whole, once all of it is written. */
  readonly wholeAnswerTimeoutMs: number;
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
  reads: [],
  descriptions: undefined,
  thinks: false,
  opensThinking: false,
  efforts: [],
  thinkingStyle: 'effort',
  takesTemperature: false,
  usesTools: false,
  providerPrice: undefined,
  idleTimeoutMs: 60_000,
  wholeAnswerTimeoutMs: 60_000,
  fallbacks: [],
  allow: 'everyone',
  allowUnpriced: [],
  upstream: undefined,
} as const;

/** What is on offer at one time. */
interface Offer {
  readonly all: readonly Model[];
  readonly defaultModel: Model;
  readonly aliases: Readonly<Record<string, string>>;
  /** Every model by its name and by its aliases. */
  readonly byName: ReadonlyMap<string, Model>;
}

/**
 * The models on offer. A model without a valid price prevents the start. What is on offer can be
 * replaced; whoever has a model keeps it, with its price.
 */
export class Catalogue {
  #offer: Offer;

  /**
   * @param defaultModel one of the names
   * @param aliases other names, each with the name of its model
   * @throws Error naming the model and the wrong part of its price
   */
  constructor(
    models: readonly Model[],
    defaultModel?: string,
    aliases: Readonly<Record<string, string>> = {},
  ) {
    for (const model of models) {
      const fault = faultOfPrice(model.price);
      if (fault) {
        throw new Error(
          `The price of model "${model.name}" has a wrong "${fault}": ` +
            'it is not a rate of at least 0.',
        );
      }
    }
    const byName = new Map(models.map((model) => [model.name, model]));
    const found = defaultModel === undefined ? models[0] : byName.get(defaultModel);
    if (!found) throw new Error(`There is no model "${defaultModel}" to be the default.`);
    for (const [alias, name] of Object.entries(aliases)) {
      const model = byName.get(name);
      if (model) byName.set(alias, model);
    }
    this.#offer = { all: models, defaultModel: found, aliases, byName };
  }

  /** In display order. */
  get all(): readonly Model[] {
    return this.#offer.all;
  }

  /** The model for requests that name none. */
  get defaultModel(): Model {
    return this.#offer.defaultModel;
  }

  /** Other names, each with the name of its model. */
  get aliases(): Readonly<Record<string, string>> {
    return this.#offer.aliases;
  }

  /** The model that a client asks for, by its name or an alias. */
  find(name: string): Model | undefined {
    return this.#offer.byName.get(name);
  }

  /** The names that clients can ask for a model by: its own, then its aliases. */
  namesOf({ name }: Model): string[] {
    const { aliases } = this;
    return [name, ...Object.keys(aliases).filter((alias) => aliases[alias] === name)];
  }

  /** The providers of the models on offer. */
  get providers(): readonly Provider[] {
    return [...new Set(this.all.flatMap(({ upstream }) => upstream?.provider ?? []))];
  }

  /**
   * Offers what another catalogue offers, from now on. Connections to providers that are gone are
   * closed once their last request has ended.
   */
  replaceBy(other: Catalogue): void {
    const before = this.providers;
    this.#offer = other.#offer;
    const { providers } = this;
    for (const provider of before) if (!providers.includes(provider)) provider.retire();
  }

  /** Closes the connections to all providers. */
  async close(): Promise<void> {
    await Promise.all(this.providers.map((provider) => provider.close()));
  }
}
