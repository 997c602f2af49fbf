/** OpenAI's Embeddings (https://platform.openai.com/docs/api-reference/embeddings). */
import { EMBEDDINGS_TABLE } from '../request-guard/tables/embeddings.ts';
import { type ProviderApi, WHOLE_ANSWER } from './provider-api.ts';
import { readUsageAlone } from './usage-dialects.ts';

export const EMBEDDINGS: ProviderApi = {
  ...WHOLE_ANSWER,
  path: '/embeddings',
  readsInPieces: ({ input }) => Array.isArray(input),
  table: EMBEDDINGS_TABLE,

  readResponse: readUsageAlone,
};
