/** OpenAI's Embeddings (https://platform.openai.com/docs/api-reference/embeddings). */
import { countAt, has, NOTHING_SAID, objectAt, type Wire } from './provider-api.ts';

export const EMBEDDINGS: Wire = {
  speaker: 'openai',
  path: '/embeddings',
  hasText: false,

  wanted() {
    return { outputLimit: 0, answers: 1, isStream: false };
  },

  changes(_body, { model }) {
    return { model };
  },

  readAnswer(answer) {
    if (!has(answer, 'usage')) return NOTHING_SAID;
    const inputTokens = countAt(objectAt(answer, 'usage'), 'prompt_tokens');
    const usage = { inputTokens, cachedInputTokens: undefined, outputTokens: undefined };
    return { ...NOTHING_SAID, usage };
  },

  readEvent: () => NOTHING_SAID,
};
