/** POST /v1/chat/completions as OpenAI documents it. */
import { type Asked, countTokens, type Reply } from './behaviour.ts';
import {
  type JsonObject,
  listIn,
  modelIn,
  nowSeconds,
  numberIn,
  objectIn,
  Refused,
  type StreamParts,
  sse,
  type Wire,
} from './shared-shapes.ts';

/** The chat completions of OpenAI and of all that speak like it. */
export const openAiChat: Wire = { read, stream, whole };

/** The body of a refusal of OpenAI's. */
export function openAiError(status: number, message: string): unknown {
  const [type, code] = ERRORS[status] ?? ['invalid_request_error', null];
  return { error: { message, type, param: null, code } };
}

const ERRORS: Readonly<Record<number, readonly [type: string, code: string | null]>> = {
  401: ['invalid_request_error', 'invalid_api_key'],
  403: ['request_forbidden', 'unsupported_country_region_territory'],
  404: ['invalid_request_error', 'model_not_found'],
  429: ['requests', 'rate_limit_exceeded'],
  500: ['server_error', null],
  502: ['server_error', null],
  503: ['server_error', 'service_unavailable'],
  504: ['server_error', 'timeout'],
};

function read(body: JsonObject): Asked {
  if (!Array.isArray(body.messages)) {
    throw new Refused(400, "Missing required parameter: 'messages'.");
  }
  const isToolDone = listIn(body.messages).some(({ role }) => role === 'tool');
  const called = objectIn(listIn(body.tools)[0]?.function);
  const mayCall = typeof called.name === 'string' && body.tool_choice !== 'none' && !isToolDone;
  return {
    model: modelIn(body),
    isStream: body.stream === true,
    outputLimit: numberIn(body.max_completion_tokens) ?? numberIn(body.max_tokens),
    tool: mayCall ? { name: String(called.name), schema: called.parameters } : undefined,
    schema: schemaIn(objectIn(body.response_format)),
    inputTokens: countTokens(body.messages),
    includesUsage: objectIn(body.stream_options).include_usage === true,
  };
}

function schemaIn(format: JsonObject): unknown {
  if (format.type === 'json_schema') return objectIn(format.json_schema).schema ?? {};
  return format.type === 'json_object' ? ANY_OBJECT : undefined;
}

const ANY_OBJECT = { type: 'object', properties: { answer: { type: 'string' } } };

function stream(reply: Reply): StreamParts {
  // A chunk differs from the last in one string, so all around it is written only once.
  const head = {
    id: idOf(reply),
    object: 'chat.completion.chunk',
    created: nowSeconds(),
    model: reply.model,
    service_tier: 'default',
    system_fingerprint: 'fp_emulated',
  };
  const usage = reply.includesUsage ? { usage: null } : {};
  const event = (delta: unknown, finish: string | null = null) =>
    sse({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...usage,
    });
  const around = event(reply.tool ? fragmentDelta(MARK) : { content: MARK });
  const [before = '', after = ''] = around.split(JSON.stringify(MARK));
  return {
    opening: () => event(openingDelta(reply)),
    chunk: (piece) => before + JSON.stringify(piece) + after,
    closing: () => {
      const counts = reply.includesUsage ? usageOf(reply) : undefined;
      const last = counts === undefined ? '' : sse({ ...head, choices: [], usage: counts });
      return `${event({}, finishOf(reply))}${last}data: [DONE]\n\n`;
    },
    error: (message) => sse(openAiError(500, message)),
    failed: (message) => sse(openAiError(500, message)),
  };
}

const MARK = '{piece}';

function openingDelta({ tool, number }: Reply): unknown {
  if (!tool) return { role: 'assistant', content: '', refusal: null };
  const called = { name: tool, arguments: '' };
  const call = { index: 0, id: `call_${number}`, type: 'function', function: called };
  return { role: 'assistant', content: null, tool_calls: [call], refusal: null };
}

function fragmentDelta(fragment: string): unknown {
  return { tool_calls: [{ index: 0, function: { arguments: fragment } }] };
}

function whole(reply: Reply): unknown {
  const text = reply.pieces.join('');
  const called = { name: reply.tool, arguments: text };
  const call = { id: `call_${reply.number}`, type: 'function', function: called };
  const content = reply.tool ? { content: null, tool_calls: [call] } : { content: text };
  const message = { role: 'assistant', ...content, refusal: null, annotations: [] };
  const choice = { index: 0, message, logprobs: null, finish_reason: finishOf(reply) };
  return {
    id: idOf(reply),
    object: 'chat.completion',
    created: nowSeconds(),
    model: reply.model,
    choices: [choice],
    usage: usageOf(reply),
    service_tier: 'default',
    system_fingerprint: 'fp_emulated',
  };
}

function idOf({ number }: Reply): string {
  return `chatcmpl-${number}`;
}

/** Why a reply ended. */
export function finishOf({ isCut, tool }: Reply): string {
  if (isCut) return 'length';
  return tool ? 'tool_calls' : 'stop';
}

/** Undefined leaves the field out. */
export function usageOf({ counts, rawUsage }: Reply): unknown {
  if (rawUsage !== undefined || !counts) return rawUsage;
  return {
    prompt_tokens: counts.inputTokens,
    completion_tokens: counts.outputTokens,
    total_tokens: counts.inputTokens + counts.outputTokens,
    prompt_tokens_details: { cached_tokens: counts.cachedInputTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: counts.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
