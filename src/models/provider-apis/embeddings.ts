/** OpenAI's Embeddings (https://platform.openai.com/docs/api-reference/embeddings). */
import { countAt, EMPTY_CHUNK, has, objectAt, type ProviderApi } from './provider-api.ts';

export const EMBEDDINGS: ProviderApi = {
  speaker: 'openai',
  path: '/embeddings',
  hasText: false,

  wanted() {
    return { outputLimit: 0, answers: 1, isStream: false };
  },

  overrides(_body, { model }) {
    return { model };
  },

  readAnswer(answer) {
    if (!has(answer, 'usage')) return EMPTY_CHUNK;
    const inputTokens = countAt(objectAt(answer, 'usage'), 'prompt_tokens');
    const usage = { inputTokens, cachedInputTokens: undefined, outputTokens: undefined };
    return { ...EMPTY_CHUNK, usage };
  },

  readEvent: () => EMPTY_CHUNK,
};
