/** OpenAI's Embeddings: https://platform.openai.com/docs/api-reference/embeddings/create */
import type { Rule } from '../inspection.ts';
import { closed, count, each, forbidden, free, list, text, textOrList, unseen } from '../rules.ts';
import { OTHER_SERVERS } from './other-servers.ts';

/** The largest vocabularies have a few hundred thousand tokens. */
const token = count(0);

/** A text, a token, or a list of tokens. Some servers take pictures, as objects. */
const input: Rule = (value, inspection) => {
  if (typeof value === 'number') token(value, inspection);
  else if (Array.isArray(value)) list(token)(value, inspection);
  else if (typeof value !== 'string') unseen(value, inspection);
};

/** Some clients say that they want none. */
const noStream: Rule = (value, inspection) => {
  if (value !== false) inspection.refuse('left out. This API has no streams.');
};

export const EMBEDDINGS_TABLE: Rule = closed({
  ...OTHER_SERVERS,
  model: text,
  input: textOrList(input),
  stream: noStream,
  messages: forbidden('Use "input".'),
  ...each(
    free,
    'dimensions encoding_format user input_type task truncate truncation late_chunking ' +
      'output_dtype output_dimension prompt_name normalize embed_dtype endianness embedding_type ' +
      'additional_data metadata',
  ),
});
