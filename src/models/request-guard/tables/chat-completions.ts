/** OpenAI's Chat Completions: https://platform.openai.com/docs/api-reference/chat/create */
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
  open,
  SEARCH,
  text,
  textOrList,
  thinkingBudget,
  tier,
  unmetered,
  uses,
} from '../rules.ts';
import { CACHE_CONTROL, CONTENT_PART } from './openai-content.ts';
import { OPENAI_TOOL } from './openai-tools.ts';
import { OTHER_SERVERS } from './other-servers.ts';

/** `flex` costs less. `on_demand` is Groq's name of the usual tier, `standard` Anthropic's. */
const NAMED_TIER = tier('service_tier', 'auto default standard standard_only on_demand flex');

/** `fast` is OpenAI's other name of `priority`; with `auto` a setting at the provider decides. */
export const SERVICE_TIER: Rule = (value, inspection) => {
  NAMED_TIER(value === 'fast' ? 'priority' : value, inspection);
  inspection.isTierOpen = value === 'auto';
};

export const STREAM_OPTIONS = open({
  include_usage: flag,
  ...each(free, 'include_obfuscation continuous_usage_stats'),
});

/** OpenAI's, and OpenRouter's (https://openrouter.ai/docs/use-cases/reasoning-tokens). */
export const REASONING = open({
  mode: tier('reasoning_mode', 'standard auto'),
  max_tokens: thinkingBudget,
  ...each(free, 'effort summary generate_summary context exclude enabled'),
});

const modalities: Rule = list((value, inspection) => {
  if (value === 'audio') uses('audio_output', 'audio_output')(value, inspection);
  else if (value === 'image') uses('image_output', 'image_output', 'image')(value, inspection);
  else if (value !== 'text') inspection.refuse('"text", "audio" or "image"');
});

const MESSAGE = open({
  role: text,
  content: textOrList(CONTENT_PART),
  audio: free,
  images: list((value, inspection) => {
    if (typeof value !== 'string') CONTENT_PART(value, inspection);
  }),
  tools: list(OPENAI_TOOL),
  cache_control: CACHE_CONTROL,
  ...each(free, 'name tool_calls tool_call_id refusal function_call reasoning reasoning_content'),
  ...each(free, 'reasoning_details annotations prefix partial weight thinking_blocks'),
});

export const CHAT_COMPLETIONS_TABLE: Rule = closed({
  ...OTHER_SERVERS,
  model: text,
  messages: list(MESSAGE),
  max_tokens: count(0),
  max_completion_tokens: count(0),
  n: count(1, MAX_ANSWERS),
  stream: flag,
  stream_options: STREAM_OPTIONS,
  tools: list(OPENAI_TOOL),
  service_tier: SERVICE_TIER,
  speed: tier('speed', 'standard'),
  modalities,
  web_search_options: SEARCH,
  reasoning: REASONING,
  thinking: open({ type: text, budget_tokens: thinkingBudget }),
  cache_control: CACHE_CONTROL,
  prompt_cache_options: CACHE_CONTROL,
  /** Predicted text that does not come is charged as output. */
  prediction: unmetered('prediction'),
  documents: free,
  prompt: forbidden('Use "messages".'),
  max_output_tokens: forbidden('Use "max_completion_tokens" or "max_tokens".'),
  ...each(
    free,
    'temperature top_p frequency_penalty presence_penalty seed stop logit_bias logprobs ' +
      'top_logprobs response_format tool_choice parallel_tool_calls functions function_call ' +
      'reasoning_effort verbosity user safety_identifier metadata store prompt_cache_key ' +
      'prompt_cache_retention moderation audio',
  ),
});
