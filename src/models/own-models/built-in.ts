import type { ModelSettings } from '../../core/deployment.ts';
import { type Delta, MODEL_DEFAULTS, type Model } from '../catalogue.ts';

const REPLY: Delta = { text: 'This is a dummy response from the AI.' };
/** Enough for the reply. */
const OUTPUT_TOKENS = 16;

/** The original's model, which has one fixed reply. */
export function builtInModel({
  name,
  price,
  descriptions,
  fallbacks,
  allow,
}: ModelSettings): Model {
  return {
    ...MODEL_DEFAULTS,
    name,
    price,
    descriptions,
    fallbacks,
    allow,
    outputLimit: OUTPUT_TOKENS,
    async *generate() {
      yield REPLY;
    },
  };
}
