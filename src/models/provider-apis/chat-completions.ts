/**
 * OpenAI's Chat Completions (https://platform.openai.com/docs/api-reference/chat), which Ollama,
 * llama.cpp, vLLM, LM Studio, OpenRouter and many others serve as well.
 */
import type { Usage } from '../../core/usage.ts';
import {
  countAt,
  EMPTY_CHUNK,
  has,
  type JsonObject,
  objectAt,
  objectsAt,
  type ParsedChunk,
  type ProviderApi,
  textAt,
} from './provider-api.ts';
import { completionsUsage, usageMember } from './usage-dialects.ts';

const LIMIT_NAMES = ['max_tokens', 'max_completion_tokens'] as const;

export const CHAT_COMPLETIONS: ProviderApi = {
  family: 'openai',
  path: '/chat/completions',
  hasText: true,

  wanted(body) {
    return {
      outputLimit: countAt(body, 'max_completion_tokens') ?? countAt(body, 'max_tokens'),
      answers: countAt(body, 'n') ?? 1,
      isStream: body.stream === true,
    };
  },

  overrides(body, { model, outputLimit, outputLimitName }) {
    // Keep the name that the client used: the provider may not know the other.
    const used = LIMIT_NAMES.filter((name) => has(body, name));
    const names = used.length > 0 ? used : [outputLimitName];
    return {
      model,
      ...Object.fromEntries(names.map((name) => [name, outputLimit])),
      ...(body.stream === true
        ? { stream_options: { ...objectAt(body, 'stream_options'), include_usage: true } }
        : {}),
    };
  },

  readResponse(response) {
    return chunkIn(response, 'message');
  },

  readEvent(event) {
    const failure = has(event, 'error') ? failureOf(event) : undefined;
    const isUsageOnly = has(event, 'usage') && objectsAt(event, 'choices').length === 0;
    return { ...chunkIn(event, 'delta'), failure, isUsageOnly };
  },
};

function chunkIn(response: JsonObject, part: 'message' | 'delta'): ParsedChunk {
  let text = '';
  let nonReplyOutput = '';
  for (const choice of objectsAt(response, 'choices')) {
    const message = objectAt(choice, part);
    text += textAt(message, 'content') + textAt(message, 'refusal');
    nonReplyOutput += textAt(message, 'reasoning_content') + textAt(message, 'reasoning');
    for (const call of objectsAt(message, 'tool_calls')) {
      const called = objectAt(call, 'function');
      nonReplyOutput += textAt(called, 'name') + textAt(called, 'arguments');
    }
  }
  return { ...EMPTY_CHUNK, text, nonReplyOutput, usage: usageIn(response) };
}

function usageIn(response: JsonObject): Usage | undefined {
  const usage = usageMember(response);
  return usage && completionsUsage(usage, textAt(response, 'service_tier'));
}

/** The message of an error in OpenAI's format. */
export function failureOf(event: JsonObject): string {
  const { error } = event;
  return typeof error === 'string' ? error : textAt(objectAt(error), 'message') || 'unknown error';
}
