import type { Price } from '../core/pricing.ts';
import { faultOfPrice } from '../core/pricing.ts';
import type { Usage } from '../core/usage.ts';

/** What a model is asked. */
export interface GenerateRequest {
  readonly content: string;
  /** The model must not write more than this many tokens: the hold pays for no more. */
  readonly outputLimit: number;
  /** Aborts when nobody wants the rest. */
  readonly signal: AbortSignal;
}

/** A piece of a reply, or what the provider says of its usage. */
export type Delta =
  /** Text of the reply. */
  | { readonly kind: 'text'; readonly text: string }
  /** What the model wrote besides: thoughts, arguments of tools. It costs, but is no reply. */
  | { readonly kind: 'aside'; readonly text: string }
  | { readonly kind: 'usage'; readonly usage: Usage }
  /** A relayed answer has begun. */
  | { readonly kind: 'head'; readonly contentType: string }
  /** A piece of a relayed answer, to be passed on as it is. What it says came before it. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** A model that is offered, with the price that a reply of it costs. */
export interface Model {
  readonly name: string;
  readonly price: Price;
  /** The most tokens of output that it gives. */
  readonly outputLimit: number;
  /** How long it may be silent before it is given up, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Answers piece by piece; throws if it cannot, or cannot go on. */
  generate(request: GenerateRequest): AsyncIterable<Delta>;
}

/** The models on offer. A model without a valid price is not one of them: it stops the start. */
export class Catalogue {
  readonly #defaultModel: Model;

  /** @throws Error naming the model and the part of its price that is wrong */
  constructor(defaultModel: Model) {
    const fault = faultOfPrice(defaultModel.price);
    if (fault) {
      throw new Error(
        `The price of model "${defaultModel.name}" has a wrong "${fault}": ` +
          `${defaultModel.price[fault]} is not a whole number of credits from 0 up.`,
      );
    }
    this.#defaultModel = defaultModel;
  }

  /** The model that answers when a request names none. */
  get defaultModel(): Model {
    return this.#defaultModel;
  }
}
