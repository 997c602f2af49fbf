/** OpenAI's Moderations: https://platform.openai.com/docs/api-reference/moderations/create */
import type { Rule } from '../inspection.ts';
import { closed, each, free, mediaOrObject, notStreamed, text, textOrList } from '../rules.ts';
import { OTHER_SERVERS } from './other-servers.ts';

const PART = closed({ ...each(free, 'type text'), image_url: mediaOrObject });

const part: Rule = (value, inspection) => {
  if (typeof value !== 'string') PART(value, inspection);
};

export const MODERATIONS_TABLE: Rule = closed({
  ...OTHER_SERVERS,
  model: text,
  input: textOrList(part),
  stream: notStreamed,
  user: free,
});
