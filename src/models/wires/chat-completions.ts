/**
 * OpenAI's Chat Completions (https://platform.openai.com/docs/api-reference/chat), which Ollama,
 * llama.cpp, vLLM, LM Studio, OpenRouter and many others speak as well.
 */
import type { Usage } from '../../core/usage.ts';
import {
  countAt,
  has,
  type JsonObject,
  NOTHING_SAID,
  objectAt,
  objectsAt,
  type Said,
  textAt,
  type Wire,
} from './wire.ts';

export const CHAT_COMPLETIONS: Wire = {
  speaker: 'openai',
  path: '/chat/completions',
  hasText: true,

  wanted(body) {
    return {
      outputLimit: countAt(body, 'max_completion_tokens') ?? countAt(body, 'max_tokens'),
      answers: countAt(body, 'n') ?? 1,
      isStream: body.stream === true,
    };
  },

  changes(body, { model, outputLimit }) {
    // OpenAI's reasoning models know the new name only, many other servers the old one only. So the
    // name that the client used is used, and the old one if it used none.
    const isNew = has(body, 'max_completion_tokens');
    return {
      model,
      ...(has(body, 'max_tokens') || !isNew ? { max_tokens: outputLimit } : {}),
      ...(isNew ? { max_completion_tokens: outputLimit } : {}),
      ...(body.stream === true
        ? { stream_options: { ...objectAt(body, 'stream_options'), include_usage: true } }
        : {}),
    };
  },

  readAnswer(answer) {
    return saidIn(answer, 'message');
  },

  readEvent(event) {
    const failure = has(event, 'error') ? failureOf(event) : undefined;
    const isUsageOnly = has(event, 'usage') && objectsAt(event, 'choices').length === 0;
    return { ...saidIn(event, 'delta'), failure, isUsageOnly };
  },
};

function saidIn(answer: JsonObject, part: 'message' | 'delta'): Said {
  let text = '';
  let aside = '';
  for (const choice of objectsAt(answer, 'choices')) {
    const message = objectAt(choice, part);
    text += textAt(message, 'content') + textAt(message, 'refusal');
    aside += textAt(message, 'reasoning_content') + textAt(message, 'reasoning');
    for (const call of objectsAt(message, 'tool_calls')) {
      const asked = objectAt(call, 'function');
      aside += textAt(asked, 'name') + textAt(asked, 'arguments');
    }
  }
  return { ...NOTHING_SAID, text, aside, usage: usageIn(answer) };
}

function usageIn(answer: JsonObject): Usage | undefined {
  if (!has(answer, 'usage')) return undefined;
  const usage = objectAt(answer, 'usage');
  return {
    inputTokens: countAt(usage, 'prompt_tokens'),
    cachedInputTokens: countAt(objectAt(usage, 'prompt_tokens_details'), 'cached_tokens'),
    outputTokens: countAt(usage, 'completion_tokens'),
  };
}

/** What an error in OpenAI's shape says. */
export function failureOf(event: JsonObject): string {
  const { error } = event;
  return typeof error === 'string' ? error : textAt(objectAt(error), 'message') || 'unknown error';
}
