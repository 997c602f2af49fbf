/** OpenAI's Moderations (https://platform.openai.com/docs/api-reference/moderations/create). */
import { MODERATIONS_TABLE } from '../request-guard/tables/moderations.ts';
import { type ProviderApi, WHOLE_ANSWER } from './provider-api.ts';
import { readUsageAlone } from './usage-dialects.ts';

/** OpenAI does not bill them; others bill their input, and report it as for embeddings. */
export const MODERATIONS: ProviderApi = {
  ...WHOLE_ANSWER,
  path: '/moderations',
  table: MODERATIONS_TABLE,
  readsInPieces: ({ input }) => Array.isArray(input),

  readResponse: readUsageAlone,
};
