/** OpenAI's Responses: https://platform.openai.com/docs/api-reference/responses/create */
import type { Rule } from '../inspection.ts';
import {
  closed,
  count,
  each,
  flag,
  forbidden,
  free,
  list,
  type Members,
  open,
  SEARCH,
  summary,
  text,
  textOrList,
  types,
  unmetered,
  unseen,
  uses,
} from '../rules.ts';
import { REASONING, SERVICE_TIER, STREAM_OPTIONS } from './chat-completions.ts';
import { CACHE_CONTROL, CONTENT_PART } from './openai-content.ts';
import { OPENAI_TOOL } from './openai-tools.ts';
import { OTHER_SERVERS } from './other-servers.ts';

const ITEM_TYPES: Members = {
  ...each(
    free,
    'message reasoning compaction function_call function_call_output custom_tool_call ' +
      'custom_tool_call_output computer_call computer_call_output local_shell_call ' +
      'local_shell_call_output shell_call shell_call_output apply_patch_call ' +
      'apply_patch_call_output web_search_call file_search_call code_interpreter_call ' +
      'image_generation_call tool_search_call tool_search_output additional_tools ' +
      'configuration_update program program_output mcp_list_tools mcp_call ' +
      'mcp_approval_request mcp_approval_response',
  ),
  item_reference: unseen,
  compaction_trigger: summary(),
};

/** Parts of a tool's result: text, a list of parts, or a screenshot. */
const output: Rule = (value, inspection) => {
  if (Array.isArray(value)) list(CONTENT_PART)(value, inspection);
  else if (typeof value !== 'string') CONTENT_PART(value, inspection);
};

const ITEM = open({
  type: types(ITEM_TYPES),
  role: text,
  content: textOrList(CONTENT_PART),
  output,
  tools: list(OPENAI_TOOL),
  reasoning: REASONING,
  ...each(
    free,
    'id call_id status name namespace arguments input action encrypted_content summary',
  ),
  ...each(free, 'phase result queries results code container_id outputs operation'),
});

/** Items of earlier answers that the provider has kept are named by their ids. */
const item: Rule = (value, inspection) => {
  ITEM(value, inspection);
  const { type, id, content, encrypted_content, result } = value as ItemMembers;
  const isWithoutContent = (content ?? encrypted_content ?? undefined) === undefined;
  const isKept =
    type === undefined || type === 'reasoning'
      ? isWithoutContent
      : type === 'image_generation_call' && !result;
  if (id !== undefined && isKept) inspection.hides();
};

type ItemMembers = Readonly<
  Partial<Record<'type' | 'id' | 'content' | 'encrypted_content' | 'result', unknown>>
>;

export const RESPONSES_TABLE: Rule = closed({
  ...OTHER_SERVERS,
  model: text,
  input: textOrList(item),
  max_output_tokens: count(0),
  max_tool_calls: (value, inspection) => {
    count(0)(value, inspection);
    inspection.toolCallLimit = value as number;
  },
  stream: flag,
  stream_options: STREAM_OPTIONS,
  tools: list(OPENAI_TOOL),
  service_tier: SERVICE_TIER,
  reasoning: REASONING,
  background: unmetered('background'),
  previous_response_id: unseen,
  conversation: unseen,
  prompt: unseen,
  context_management: list(open({ type: types({ compaction: summary() }) })),
  prompt_cache_options: CACHE_CONTROL,
  cache_control: CACHE_CONTROL,
  web_search_options: SEARCH,
  prediction: unmetered('prediction'),
  modalities: list(forbiddenModality),
  n: forbidden('This API gives one answer.'),
  messages: forbidden('Use "input".'),
  ...each(forbidden('Use "max_output_tokens".'), 'max_tokens max_completion_tokens'),
  ...each(
    free,
    'instructions include metadata parallel_tool_calls prompt_cache_key prompt_cache_retention ' +
      'safety_identifier store temperature text tool_choice top_logprobs top_p truncation user ' +
      'moderation image access_programs frequency_penalty presence_penalty seed stop logit_bias',
  ),
});

function forbiddenModality(value: unknown, inspection: Parameters<Rule>[1]): void {
  if (value !== 'text') uses('image_output', 'image_output', 'image')(value, inspection);
}
