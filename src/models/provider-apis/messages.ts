/** Anthropic's Messages (https://docs.claude.com/en/api/messages and …/messages-streaming). */
import type { Usage } from '../../core/usage.ts';
import { failureOf } from './chat-completions.ts';
import {
  countAt,
  has,
  type JsonObject,
  NOTHING_SAID,
  objectAt,
  objectsAt,
  textAt,
  type Wire,
} from './provider-api.ts';

export const MESSAGES: Wire = {
  speaker: 'anthropic',
  path: '/v1/messages',
  hasText: true,

  wanted(body) {
    return {
      outputLimit: countAt(body, 'max_tokens'),
      answers: 1,
      isStream: body.stream === true,
    };
  },

  changes(_body, { model, outputLimit }) {
    return { model, max_tokens: outputLimit };
  },

  readAnswer(answer) {
    let text = '';
    let aside = '';
    for (const block of objectsAt(answer, 'content')) {
      text += textAt(block, 'text');
      aside += textAt(block, 'thinking') + textAt(block, 'name');
      if (has(block, 'input')) aside += JSON.stringify(block.input);
    }
    return { ...NOTHING_SAID, text, aside, usage: usageIn(answer) };
  },

  readEvent(event) {
    switch (event.type) {
      case 'message_start':
        return { ...NOTHING_SAID, usage: usageAtStart(objectAt(event, 'message')) };
      case 'content_block_start':
        return { ...NOTHING_SAID, aside: textAt(objectAt(event, 'content_block'), 'name') };
      case 'content_block_delta': {
        const delta = objectAt(event, 'delta');
        const aside = textAt(delta, 'thinking') + textAt(delta, 'partial_json');
        return { ...NOTHING_SAID, text: textAt(delta, 'text'), aside };
      }
      case 'message_delta':
        return { ...NOTHING_SAID, usage: usageIn(event) };
      case 'error':
        return { ...NOTHING_SAID, failure: failureOf(event) };
      default:
        return NOTHING_SAID;
    }
  },
};

/** Of output it says one token or so at the start, whatever comes: that is not its usage yet. */
function usageAtStart(message: JsonObject): Usage | undefined {
  const usage = usageIn(message);
  return usage && { ...usage, outputTokens: undefined };
}

/** Anthropic counts what was read from the cache, and what was written to it, beside the input. */
function usageIn(answer: JsonObject): Usage | undefined {
  if (!has(answer, 'usage')) return undefined;
  const usage = objectAt(answer, 'usage');
  const fresh = countAt(usage, 'input_tokens');
  const cachedInputTokens = countAt(usage, 'cache_read_input_tokens');
  const written = countAt(usage, 'cache_creation_input_tokens') ?? 0;
  return {
    inputTokens: fresh === undefined ? undefined : fresh + (cachedInputTokens ?? 0) + written,
    cachedInputTokens,
    outputTokens: countAt(usage, 'output_tokens'),
  };
}
