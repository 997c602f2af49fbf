/** Anthropic's Messages (https://docs.claude.com/en/api/messages and …/messages-streaming). */
import type { Usage } from '../../core/usage.ts';
import { MESSAGES_TABLE } from '../request-guard/tables/messages.ts';
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
import { messagesUsage } from './usage-dialects.ts';

/**
 * Iterations after which an answer ends with `pause_turn`, whatever the tools
 * (https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons): the model is asked
 * so often again.
 */
const ITERATIONS = 10;

export const MESSAGES: ProviderApi = {
  family: 'anthropic',
  path: '/v1/messages',
  hasText: true,
  toolLoop: ITERATIONS,
  table: MESSAGES_TABLE,

  wanted(body) {
    return {
      outputLimit: countAt(body, 'max_tokens'),
      answers: 1,
      isStream: body.stream === true,
    };
  },

  overrides(_body, { model, outputLimit, kind }) {
    // Anthropic fills its cache and answers nothing; other servers take 0 for no limit.
    const least = kind === 'anthropic' ? 0 : 1;
    return { model, max_tokens: Math.max(least, outputLimit) };
  },

  readResponse(response) {
    let text = '';
    let nonReplyOutput = '';
    for (const block of objectsAt(response, 'content')) {
      text += textAt(block, 'text');
      nonReplyOutput += textAt(block, 'thinking') + textAt(block, 'name');
      if (has(block, 'input')) nonReplyOutput += JSON.stringify(block.input);
    }
    return { ...EMPTY_CHUNK, text, nonReplyOutput, usage: usageIn(response) };
  },

  readEvent(event) {
    switch (event.type) {
      case 'message_start':
        return { ...EMPTY_CHUNK, usage: usageAtStart(objectAt(event, 'message')) };
      case 'content_block_start':
        return { ...EMPTY_CHUNK, nonReplyOutput: textAt(objectAt(event, 'content_block'), 'name') };
      case 'content_block_delta': {
        const delta = objectAt(event, 'delta');
        const nonReplyOutput = textAt(delta, 'thinking') + textAt(delta, 'partial_json');
        return { ...EMPTY_CHUNK, text: textAt(delta, 'text'), nonReplyOutput };
      }
      case 'message_delta':
        return { ...EMPTY_CHUNK, usage: usageIn(event) };
      case 'message_stop':
        return { ...EMPTY_CHUNK, isEnd: true };
      case 'error':
        return { ...EMPTY_CHUNK, failure: failureOf(event) };
      default:
        return EMPTY_CHUNK;
    }
  },

  endAtLimit({ last, outputTokens }) {
    const { type, index } = last;
    const isBlockOpen = type === 'content_block_start' || type === 'content_block_delta';
    return [
      ...(isBlockOpen ? [{ type: 'content_block_stop', index }] : []),
      {
        type: 'message_delta',
        delta: { stop_reason: 'max_tokens', stop_sequence: null },
        usage: { output_tokens: outputTokens },
      },
      { type: 'message_stop' },
    ];
  },
};

/** The initial output count is a placeholder of about one token, so it is dropped. */
function usageAtStart(message: JsonObject): Usage | undefined {
  const usage = usageIn(message);
  if (!usage) return undefined;
  const { output: _placeholder, ...counts } = usage.counts;
  return { ...usage, counts };
}

function usageIn(response: JsonObject): Usage | undefined {
  return has(response, 'usage') ? messagesUsage(objectAt(response, 'usage')) : undefined;
}
