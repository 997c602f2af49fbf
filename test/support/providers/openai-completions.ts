/** POST /v1/completions as OpenAI documents it. */
import { type Asked, countTokens, type Reply } from './behaviour.ts';
import { finishOf, openAiError, usageOf } from './openai-chat.ts';
import {
  type JsonObject,
  modelIn,
  nowSeconds,
  numberIn,
  objectIn,
  Refused,
  type StreamParts,
  sse,
  type Wire,
} from './shared-shapes.ts';

/** The legacy completions of OpenAI. */
export const openAiCompletions: Wire = { read, stream, whole };

function read(body: JsonObject): Asked {
  if (body.prompt === undefined) throw new Refused(400, "Missing required parameter: 'prompt'.");
  return {
    model: modelIn(body),
    isStream: body.stream === true,
    outputLimit: numberIn(body.max_tokens) ?? 16,
    tool: undefined,
    schema: undefined,
    inputTokens: countTokens(body.prompt),
    includesUsage: objectIn(body.stream_options).include_usage === true,
  };
}

function stream(reply: Reply): StreamParts {
  const event = (text: string, finish: string | null) => sse(shapeOf(reply, text, finish));
  return {
    opening: () => '',
    chunk: (piece) => event(piece, null),
    closing: () => {
      const counts = reply.includesUsage ? usageOf(reply) : undefined;
      const last =
        counts === undefined
          ? ''
          : sse({ ...shapeOf(reply, '', null), choices: [], usage: counts });
      return `${event('', finishOf(reply))}${last}data: [DONE]\n\n`;
    },
    error: (message) => sse(openAiError(500, message)),
    failed: (message) => sse(openAiError(500, message)),
  };
}

function whole(reply: Reply): unknown {
  return { ...shapeOf(reply, reply.pieces.join(''), finishOf(reply)), usage: usageOf(reply) };
}

function shapeOf(reply: Reply, text: string, finish: string | null) {
  return {
    id: `cmpl-${reply.number}`,
    object: 'text_completion',
    created: nowSeconds(),
    model: reply.model,
    choices: [{ index: 0, text, logprobs: null, finish_reason: finish }],
  };
}
