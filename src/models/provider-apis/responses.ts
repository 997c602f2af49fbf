/** OpenAI's Responses (https://platform.openai.com/docs/api-reference/responses). */
import type { Usage } from '../../core/usage.ts';
import { RESPONSES_TABLE } from '../request-guard/tables/responses.ts';
import { failureOf } from './chat-completions.ts';
import {
  countAt,
  EMPTY_CHUNK,
  has,
  type JsonObject,
  objectAt,
  objectsAt,
  type ProviderApi,
  textAt,
} from './provider-api.ts';
import { responsesUsage } from './usage-dialects.ts';

/** Events with a piece of output, and whether it is text of the reply. */
const DELTAS: Readonly<Record<string, 'text' | 'nonReplyOutput'>> = {
  'response.output_text.delta': 'text',
  'response.refusal.delta': 'text',
  'response.reasoning_text.delta': 'nonReplyOutput',
  'response.reasoning_summary_text.delta': 'nonReplyOutput',
  'response.function_call_arguments.delta': 'nonReplyOutput',
  'response.custom_tool_call_input.delta': 'nonReplyOutput',
};
const LAST_EVENTS = new Set(['response.completed', 'response.incomplete', 'response.failed']);

export const RESPONSES: ProviderApi = {
  family: 'openai',
  path: '/responses',
  hasText: true,
  /** Further attempts of the model to call a tool are ignored. */
  toolLoop: 'limited',
  table: RESPONSES_TABLE,

  wanted(body) {
    const limit = countAt(body, 'max_output_tokens');
    return {
      outputLimit: limit === undefined ? undefined : Math.max(1, limit),
      answers: 1,
      isStream: body.stream === true,
    };
  },

  overrides(_body, { model, outputLimit, toolCalls }) {
    const limit = { model, max_output_tokens: Math.max(1, outputLimit) };
    return toolCalls === undefined ? limit : { ...limit, max_tool_calls: toolCalls };
  },

  readResponse(response) {
    let text = '';
    let nonReplyOutput = '';
    for (const item of objectsAt(response, 'output')) {
      for (const part of objectsAt(item, 'content')) {
        text += textAt(part, 'text') + textAt(part, 'refusal');
      }
      for (const part of objectsAt(item, 'summary')) nonReplyOutput += textAt(part, 'text');
      nonReplyOutput += textAt(item, 'name') + textAt(item, 'arguments') + textAt(item, 'input');
    }
    return { ...EMPTY_CHUNK, text, nonReplyOutput, usage: usageIn(response) };
  },

  readEvent(event) {
    const type = textAt(event, 'type');
    const kind = DELTAS[type];
    if (kind === 'text') return { ...EMPTY_CHUNK, text: textAt(event, 'delta') };
    if (kind) return { ...EMPTY_CHUNK, nonReplyOutput: textAt(event, 'delta') };
    if (type === 'error') return { ...EMPTY_CHUNK, failure: textAt(event, 'message') || type };
    if (!LAST_EVENTS.has(type)) return EMPTY_CHUNK;
    const response = objectAt(event, 'response');
    const failure = type === 'response.failed' ? failureOf(response) : undefined;
    const isEnd = failure === undefined;
    return { ...EMPTY_CHUNK, usage: usageIn(response), failure, isEnd };
  },

  endAtLimit({ first, last, text }) {
    const id = textAt(last, 'item_id') || 'msg_cut';
    const content = [{ type: 'output_text', text, annotations: [], logprobs: [] }];
    const message = { type: 'message', id, role: 'assistant', status: 'incomplete', content };
    const response = {
      ...objectAt(first, 'response'),
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: text === '' ? [] : [message],
    };
    const sequence_number = (countAt(last, 'sequence_number') ?? 0) + 1;
    return [{ type: 'response.incomplete', sequence_number, response }];
  },
};

function usageIn(response: JsonObject): Usage | undefined {
  if (!has(response, 'usage')) return undefined;
  const isSearch = (item: JsonObject) => textAt(item, 'type') === 'web_search_call';
  const searches = objectsAt(response, 'output').filter(isSearch).length;
  return responsesUsage(objectAt(response, 'usage'), textAt(response, 'service_tier'), searches);
}
