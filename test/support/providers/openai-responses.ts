/** POST /v1/responses as OpenAI documents it. */
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

/** The Responses of OpenAI. */
export const openAiResponses: Wire = { read, stream, whole };

function read(body: JsonObject): Asked {
  if (body.input === undefined) throw new Refused(400, "Missing required parameter: 'input'.");
  const isToolDone = listIn(body.input).some(({ type }) => type === 'function_call_output');
  const called = listIn(body.tools).find(({ type }) => type === 'function');
  const mayCall = called !== undefined && body.tool_choice !== 'none' && !isToolDone;
  const format = objectIn(objectIn(body.text).format);
  return {
    model: modelIn(body),
    isStream: body.stream === true,
    outputLimit: numberIn(body.max_output_tokens),
    tool: mayCall ? { name: String(called.name), schema: called.parameters } : undefined,
    schema: format.type === 'json_schema' ? (format.schema ?? {}) : undefined,
    inputTokens: countTokens(body.input) + countTokens(body.instructions),
    includesUsage: true,
  };
}

function stream(reply: Reply): StreamParts {
  const createdAt = nowSeconds();
  let sequence = 0;
  const event = (type: string, fields: object) => {
    const text = sse({ type, sequence_number: sequence, ...fields }, type);
    sequence += 1;
    return text;
  };
  const place = { item_id: itemIdOf(reply), output_index: 0 };
  const inText = { ...place, content_index: 0 };
  const begun = () => responseOf(reply, createdAt, 'in_progress', []);
  const output = { output_index: 0 };
  return {
    opening: () =>
      event('response.created', { response: begun() }) +
      event('response.in_progress', { response: begun() }) +
      event('response.output_item.added', { ...output, item: itemOf(reply, 'in_progress') }) +
      (reply.tool ? '' : event('response.content_part.added', { ...inText, part: partOf('') })),
    chunk: (piece) =>
      reply.tool
        ? event('response.function_call_arguments.delta', { ...place, delta: piece })
        : event('response.output_text.delta', { ...inText, delta: piece, logprobs: [] }),
    closing: () => {
      const text = reply.pieces.join('');
      const response = finishedOf(reply, createdAt);
      const done = reply.tool
        ? event('response.function_call_arguments.done', { ...place, arguments: text })
        : event('response.output_text.done', { ...inText, text, logprobs: [] }) +
          event('response.content_part.done', { ...inText, part: partOf(text) });
      const item = itemOf(reply, statusOf(reply));
      const isOver = event('response.output_item.done', { ...output, item });
      return done + isOver + event(`response.${statusOf(reply)}`, { response });
    },
    error: (message) => event('error', { code: 'server_error', message, param: null }),
    failed: (message) => {
      const failed = responseOf(reply, createdAt, 'failed', []);
      const error = { code: 'server_error', message };
      return event('response.failed', { response: { ...failed, error } });
    },
  };
}

function whole(reply: Reply): unknown {
  return finishedOf(reply, nowSeconds());
}

function finishedOf(reply: Reply, createdAt: number): unknown {
  const status = statusOf(reply);
  return {
    ...responseOf(reply, createdAt, status, [itemOf(reply, status)]),
    incomplete_details: reply.isCut ? { reason: 'max_output_tokens' } : null,
    usage: usageOf(reply),
  };
}

function responseOf(
  reply: Reply,
  createdAt: number,
  status: string,
  output: readonly unknown[],
): JsonObject {
  return {
    id: `resp_${reply.number}`,
    object: 'response',
    created_at: createdAt,
    status,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: reply.outputLimit ?? null,
    model: reply.model,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    store: true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: null,
    user: null,
    metadata: {},
  };
}

/** The one thing that a reply consists of: a message, or a call of a tool. */
function itemOf(reply: Reply, status: string): unknown {
  const isBegun = status === 'in_progress';
  const text = isBegun ? '' : reply.pieces.join('');
  const id = itemIdOf(reply);
  if (reply.tool) {
    const call = { name: reply.tool, call_id: `call_${reply.number}`, arguments: text };
    return { id, type: 'function_call', status, ...call };
  }
  const content = isBegun ? [] : [partOf(text)];
  return { id, type: 'message', status, role: 'assistant', content };
}

function partOf(text: string): unknown {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}

function itemIdOf({ number, tool }: Reply): string {
  return tool ? `fc_${number}` : `msg_${number}`;
}

function statusOf({ isCut }: Reply): string {
  return isCut ? 'incomplete' : 'completed';
}

function usageOf({ counts, rawUsage }: Reply): unknown {
  if (rawUsage !== undefined) return rawUsage;
  if (!counts) return null;
  return {
    input_tokens: counts.inputTokens,
    input_tokens_details: { cached_tokens: counts.cachedInputTokens },
    output_tokens: counts.outputTokens,
    output_tokens_details: { reasoning_tokens: counts.reasoningTokens },
    total_tokens: counts.inputTokens + counts.outputTokens,
  };
}
