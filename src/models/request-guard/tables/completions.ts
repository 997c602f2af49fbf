/** OpenAI's Completions: https://platform.openai.com/docs/api-reference/completions/create */
import type { Rule } from '../inspection.ts';
import {
  closed,
  count,
  each,
  flag,
  forbidden,
  free,
  list,
  MAX_ANSWERS,
  text,
  textOrList,
  unseen,
} from '../rules.ts';
import { SERVICE_TIER, STREAM_OPTIONS } from './chat-completions.ts';
import { OTHER_SERVERS } from './other-servers.ts';

const token = count(0);

/** A text, a token, or a list of tokens. */
const prompt: Rule = (value, inspection) => {
  if (typeof value === 'number') token(value, inspection);
  else if (Array.isArray(value)) list(token)(value, inspection);
  else text(value, inspection);
};

export const COMPLETIONS_TABLE: Rule = closed({
  ...OTHER_SERVERS,
  model: text,
  prompt: textOrList(prompt),
  suffix: text,
  max_tokens: count(0),
  n: count(1, MAX_ANSWERS),
  best_of: count(1, MAX_ANSWERS),
  stream: flag,
  stream_options: STREAM_OPTIONS,
  echo: flag,
  service_tier: SERVICE_TIER,
  /** vLLM's: embeddings in place of a prompt. */
  prompt_embeds: unseen,
  messages: forbidden('Use "prompt".'),
  input: forbidden('Use "prompt".'),
  ...each(forbidden('Use "max_tokens".'), 'max_completion_tokens max_output_tokens'),
  ...each(
    free,
    'temperature top_p frequency_penalty presence_penalty seed stop logit_bias logprobs user ' +
      'response_format metadata store',
  ),
});
