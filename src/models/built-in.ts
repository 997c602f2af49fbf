import type { Credits } from '../core/credits.ts';
import { flatPrice } from '../core/pricing.ts';
import type { Model } from './catalogue.ts';

const REPLY = 'This is a dummy response from the AI.';

/** The original's model: one fixed reply, at a flat price per message. */
export function builtInModel(messagePriceCredits: Credits): Model {
  return {
    name: 'dummy',
    price: flatPrice(messagePriceCredits),
    generate: async () => ({ text: REPLY, usage: undefined }),
  };
}
