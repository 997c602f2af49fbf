/**
 * OpenAI's Chat Completions (https://platform.openai.com/docs/api-reference/chat), which Ollama,
 * llama.cpp, vLLM, LM Studio, OpenRouter and many others serve as well. Mistral's models that think
 * write their content in parts (https://docs.mistral.ai/capabilities/reasoning).
 */
import type { Usage } from '../../core/usage.ts';
import { CHAT_COMPLETIONS_TABLE } from '../request-guard/tables/chat-completions.ts';
import {
  type CutStream,
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

export const CHAT_COMPLETIONS: ProviderApi = {
  family: 'openai',
  path: '/chat/completions',
  hasText: true,
  table: CHAT_COMPLETIONS_TABLE,

  wanted(body) {
    const limit = countAt(body, 'max_completion_tokens') ?? countAt(body, 'max_tokens');
    return {
      outputLimit: limit === undefined ? undefined : Math.max(1, limit),
      answers: countAt(body, 'n') ?? 1,
      isStream: body.stream === true,
    };
  },

  overrides(body, { model, outputLimit, outputLimitName }) {
    // Under one name: some servers refuse both, and some do not know the newer one.
    return {
      model,
      max_tokens: undefined,
      max_completion_tokens: undefined,
      // Some servers take 0 for no limit.
      [outputLimitName]: Math.max(1, outputLimit),
      ...(has(body, 'n') ? { n: countAt(body, 'n') } : {}),
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

  endAtLimit: (stream) => [lastChunk(stream, { delta: {} })],
};

function chunkIn(response: JsonObject, part: 'message' | 'delta'): ParsedChunk {
  let text = '';
  let nonReplyOutput = '';
  for (const choice of objectsAt(response, 'choices')) {
    const message = objectAt(choice, part);
    text += textAt(message, 'content') + textAt(message, 'refusal');
    // Some servers send both names with the same text (https://docs.vllm.ai, reasoning outputs).
    nonReplyOutput += textAt(message, 'reasoning_content') || textAt(message, 'reasoning');
    for (const part of objectsAt(message, 'content')) {
      text += textAt(part, 'text');
      for (const thought of objectsAt(part, 'thinking')) nonReplyOutput += textAt(thought, 'text');
    }
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

/** The chunk that says of each answer that the limit has ended it. */
export function lastChunk({ first, answers }: CutStream, empty: JsonObject): JsonObject {
  const choices = Array.from({ length: answers }, (_, index) => ({
    index,
    ...empty,
    logprobs: null,
    finish_reason: 'length',
  }));
  return { ...first, usage: undefined, choices };
}

/** The message of an error in OpenAI's format. */
export function failureOf(event: JsonObject): string {
  const { error } = event;
  return typeof error === 'string' ? error : textAt(objectAt(error), 'message') || 'unknown error';
}
