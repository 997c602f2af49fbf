/** OpenAI's Embeddings (https://platform.openai.com/docs/api-reference/embeddings). */
import { EMBEDDINGS_TABLE } from '../request-guard/tables/embeddings.ts';
import { EMPTY_CHUNK, type ProviderApi } from './provider-api.ts';
import { completionsUsage, usageMember } from './usage-dialects.ts';

export const EMBEDDINGS: ProviderApi = {
  family: 'openai',
  path: '/embeddings',
  hasText: false,
  readsInPieces: ({ input }) => Array.isArray(input),
  table: EMBEDDINGS_TABLE,

  wanted() {
    return { outputLimit: 0, answers: 1, isStream: false };
  },

  overrides(_body, { model }) {
    return { model };
  },

  readResponse(response) {
    const usage = usageMember(response);
    return { ...EMPTY_CHUNK, usage: usage && completionsUsage(usage, '') };
  },

  readEvent: () => EMPTY_CHUNK,
};
