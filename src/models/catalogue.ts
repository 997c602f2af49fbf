import type { Price } from '../core/pricing.ts';
import { faultOfPrice } from '../core/pricing.ts';
import type { Usage } from '../core/usage.ts';

/** What a model is asked. */
export interface GenerateRequest {
  readonly content: string;
}

/** What came of it. `usage` is undefined where the model does not count. */
export interface Generation {
  readonly text: string;
  readonly usage: Usage | undefined;
}

/** A model that is offered, with the price that a reply of it costs. */
export interface Model {
  readonly name: string;
  readonly price: Price;
  /** Answers, or rejects if there is no answer. */
  generate(request: GenerateRequest): Promise<Generation>;
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
