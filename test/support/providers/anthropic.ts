/** POST /v1/messages and its neighbours as Anthropic documents them. */
import { type Asked, countTokens, type Reply } from './behaviour.ts';
import {
  type JsonObject,
  listIn,
  modelIn,
  numberIn,
  Refused,
  type StreamParts,
  sse,
  type Wire,
} from './shared-shapes.ts';

/** The Messages of Anthropic. */
export const anthropicMessages: Wire = { read, stream, whole };

/** The body of a refusal of Anthropic's. */
export function anthropicError(status: number, message: string, requestId: string): unknown {
  const type = ERRORS[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  return { type: 'error', error: { type, message }, request_id: requestId };
}

const ERRORS: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** The answer to POST /v1/messages/count_tokens. */
export function anthropicCount(body: JsonObject): unknown {
  modelIn(body);
  return { input_tokens: countTokens(body.messages) + countTokens(body.system) };
}

function read(body: JsonObject, headers: Readonly<Record<string, unknown>>): Asked {
  if (!headers['anthropic-version'])
    throw new Refused(400, 'anthropic-version: header is required');
  const outputLimit = numberIn(body.max_tokens);
  if (outputLimit === undefined) throw new Refused(400, 'max_tokens: Field required');
  if (!Array.isArray(body.messages)) throw new Refused(400, 'messages: Field required');
  const isToolDone = listIn(body.messages).some(({ content }) =>
    listIn(content).some(({ type }) => type === 'tool_result'),
  );
  const called = listIn(body.tools)[0];
  const choice = body.tool_choice as { readonly type?: unknown } | undefined;
  const mayCall = called !== undefined && choice?.type !== 'none' && !isToolDone;
  return {
    model: modelIn(body),
    isStream: body.stream === true,
    outputLimit,
    tool: mayCall ? { name: String(called.name), schema: called.input_schema } : undefined,
    schema: undefined,
    inputTokens: countTokens(body.messages) + countTokens(body.system),
    includesUsage: true,
  };
}

function stream(reply: Reply): StreamParts {
  const event = (type: string, fields: object = {}) => sse({ type, ...fields }, type);
  const kind = reply.tool ? 'input_json_delta' : 'text_delta';
  const field = reply.tool ? 'partial_json' : 'text';
  const around = event('content_block_delta', { index: 0, delta: { type: kind, [field]: MARK } });
  const [before = '', after = ''] = around.split(JSON.stringify(MARK));
  const failure = (message: string) =>
    event('error', { error: { type: 'overloaded_error', message } });
  return {
    opening: () =>
      event('message_start', { message: messageOf(reply, [], null, usageOf(reply, 1)) }) +
      event('content_block_start', { index: 0, content_block: blockOf(reply, undefined) }) +
      event('ping'),
    chunk: (piece) => before + JSON.stringify(piece) + after,
    closing: () =>
      event('content_block_stop', { index: 0 }) +
      event('message_delta', {
        delta: { stop_reason: stopOf(reply), stop_sequence: null },
        usage: finalUsageOf(reply),
      }) +
      event('message_stop'),
    error: failure,
    failed: failure,
  };
}

const MARK = '{piece}';

function whole(reply: Reply): unknown {
  const block = blockOf(reply, reply.pieces.join(''));
  return messageOf(reply, [block], stopOf(reply), usageOf(reply, reply.counts?.outputTokens ?? 0));
}

function messageOf(
  reply: Reply,
  content: readonly unknown[],
  stopReason: string | null,
  usage: unknown,
): unknown {
  return {
    id: `msg_${reply.number}`,
    type: 'message',
    role: 'assistant',
    model: reply.model,
    content,
    stop_reason: stopReason,
    stop_sequence: null,
    usage,
  };
}

/** The one block of a reply; undefined is one that is only beginning. */
function blockOf({ tool, number }: Reply, text: string | undefined): unknown {
  if (!tool) return { type: 'text', text: text ?? '' };
  return { type: 'tool_use', id: `toolu_${number}`, name: tool, input: inputOf(text) };
}

/** Arguments that the limit cut are no JSON; the provider gives then what it could read of them. */
function inputOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '{}');
  } catch {
    return {};
  }
}

function stopOf({ isCut, tool }: Reply): string {
  if (isCut) return 'max_tokens';
  return tool ? 'tool_use' : 'end_turn';
}

/** Undefined leaves the field out. */
function usageOf(reply: Reply, outputTokens: number): unknown {
  const { counts, rawUsage } = reply;
  if (rawUsage !== undefined || !counts) return rawUsage;
  const written = counts.cacheWriteTokens;
  return {
    ...inputsOf(reply),
    cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
    output_tokens: counts.outputTokens === 0 ? 0 : outputTokens,
    service_tier: 'standard',
  };
}

/** The usage that `message_delta` ends with: cumulative, so it repeats the input. */
function finalUsageOf(reply: Reply): unknown {
  const { counts, rawUsage } = reply;
  if (rawUsage !== undefined || !counts) return rawUsage;
  return { ...inputsOf(reply), output_tokens: counts.outputTokens };
}

function inputsOf({ counts }: Reply): object {
  if (!counts) return {};
  const { inputTokens, cachedInputTokens, cacheWriteTokens } = counts;
  return {
    input_tokens: inputTokens - cachedInputTokens - cacheWriteTokens,
    cache_creation_input_tokens: cacheWriteTokens,
    cache_read_input_tokens: cachedInputTokens,
  };
}
