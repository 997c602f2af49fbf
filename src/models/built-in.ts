import type { Credits } from '../core/credits.ts';
import { flatPrice } from '../core/pricing.ts';
import { type Delta, MODEL_DEFAULTS, type Model } from './catalogue.ts';

const REPLY: Delta = { kind: 'text', text: 'This is a dummy response from the AI.' };

/** The original's model: one fixed reply, at a flat price per message. */
export function builtInModel(messagePriceCredits: Credits): Model {
  return {
    ...MODEL_DEFAULTS,
    name: 'dummy',
    price: flatPrice(messagePriceCredits),
    outputLimit: 16,
    async *generate() {
      yield REPLY;
    },
  };
}
