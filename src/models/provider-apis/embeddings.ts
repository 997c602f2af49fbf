/** OpenAI's Embeddings (https://platform.openai.com/docs/api-reference/embeddings). */
import { EMBEDDINGS_TABLE } from '../request-guard/tables/embeddings.ts';
import { countAt, EMPTY_CHUNK, has, objectAt, type ProviderApi } from './provider-api.ts';

export const EMBEDDINGS: ProviderApi = {
  family: 'openai',
  path: '/embeddings',
  hasText: false,
  table: EMBEDDINGS_TABLE,

  wanted() {
    return { outputLimit: 0, answers: 1, isStream: false };
  },

  overrides(_body, { model }) {
    return { model };
  },

  readResponse(response) {
    if (!has(response, 'usage')) return EMPTY_CHUNK;
    const inputTokens = countAt(objectAt(response, 'usage'), 'prompt_tokens');
    const usage = { inputTokens, cachedInputTokens: undefined, outputTokens: undefined };
    return { ...EMPTY_CHUNK, usage };
  },

  readEvent: () => EMPTY_CHUNK,
};
