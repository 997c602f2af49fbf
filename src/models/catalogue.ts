import type { PromptContext } from '../core/conversation.ts';
import type { Price } from '../core/pricing.ts';
import { faultOfPrice } from '../core/pricing.ts';
import type { Usage } from '../core/usage.ts';
import type { Provider } from './provider.ts';

/** What a model is asked. */
export interface GenerateRequest {
  readonly content: string;
  /** What was said before, and how the model is to behave. */
  readonly promptContext: PromptContext;
  /** The model must not write more than this many tokens: the hold pays for no more. */
  readonly outputLimit: number;
  /** Aborts when nobody wants the rest. */
  readonly signal: AbortSignal;
}

/** What comes of an answer at once; each member only where there is something of it. */
export interface Delta {
  /** Text of the reply. */
  readonly text?: string;
  /** What the model wrote besides: thoughts, arguments of tools. It costs, but is no reply. */
  readonly nonReplyOutput?: string;
  /** What the provider says was used so far; later numbers replace earlier ones. */
  readonly usage?: Usage;
  /** A relayed answer has begun; its media type. */
  readonly contentType?: string;
  /** A piece of a relayed answer, to be passed on as it is; what it says stands beside it. */
  readonly bytes?: Uint8Array;
}

/** A model that is offered, with the price that a reply of it costs. */
export interface Model {
  readonly name: string;
  readonly price: Price;
  /** What its provider takes, in the same credits; undefined if that was not said. */
  readonly providerPrice: Price | undefined;
  /** The most tokens of output that it gives. */
  readonly outputLimit: number;
  /** The most that it reads and writes together; undefined if that is not known. */
  readonly contextTokens: number | undefined;
  /** How long it may be silent before it is given up, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Names of models that are asked in this order if it does not answer. */
  readonly fallbacks: readonly string[];
  /** Who may use it; names are usernames. */
  readonly allow: 'everyone' | 'staff' | readonly string[];
  /** Who runs it, and under what name; undefined for a model of our own. */
  readonly upstream: { readonly provider: Provider; readonly model: string } | undefined;
  /** Answers one message piece by piece; throws if it cannot, or cannot go on. */
  generate(request: GenerateRequest): AsyncIterable<Delta>;
}

/** What most models have in common. */
export const MODEL_DEFAULTS = {
  contextTokens: undefined,
  providerPrice: undefined,
  idleTimeoutMs: 60_000,
  fallbacks: [],
  allow: 'everyone',
  upstream: undefined,
} as const;

/** The models on offer. A model without a valid price is not one of them: it stops the start. */
export class Catalogue {
  /** In the order in which they are shown. */
  readonly all: readonly Model[];
  /** The model that answers when a request names none. */
  readonly defaultModel: Model;

  /**
   * @param defaultModel one of the names
   * @throws Error naming the model and the part of its price that is wrong
   */
  constructor(models: readonly Model[], defaultModel?: string) {
    for (const model of models) {
      const fault = faultOfPrice(model.price);
      if (fault) {
        throw new Error(
          `The price of model "${model.name}" has a wrong "${fault}": ` +
            `${model.price[fault]} is not a whole number of credits from 0 up.`,
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
