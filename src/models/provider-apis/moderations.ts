/** OpenAI's Moderations (https://platform.openai.com/docs/api-reference/moderations/create). */
import { MODERATIONS_TABLE } from '../request-guard/tables/moderations.ts';
import { EMPTY_CHUNK, type ProviderApi } from './provider-api.ts';
import { completionsUsage, usageMember } from './usage-dialects.ts';

/** OpenAI does not bill them; others bill their input, and report it as for embeddings. */
export const MODERATIONS: ProviderApi = {
  family: 'openai',
  path: '/moderations',
  hasText: false,
  table: MODERATIONS_TABLE,
  readsInPieces: ({ input }) => Array.isArray(input),

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
