/**
 * What OpenAI's published description says of answers and errors, as far as clients rely on it:
 * members, types and what is required, restated as schemas. The source is the OpenAPI document of
 * https://github.com/openai/openai-openapi (MIT), from which OpenAI generates the types of its
 * clients. The proofs at the end make the compiler compare the schemas with those types, of the
 * version of `openai` in package-lock.json: a schema that allows more than they do is an error.
 */
import type OpenAI from 'openai';
import { type Static, type TSchema, Type } from 'typebox';

const TextOrNull = Type.Union([Type.String(), Type.Null()]);
const Count = Type.Integer({ minimum: 0 });

function oneOf<const Values extends string[]>(values: readonly [...Values]) {
  return Type.Enum<Values>(values);
}

const ErrorObject = Type.Object({
  // The API has many more codes than types, and a code is never used as a type.
  type: oneOf([
    'invalid_request_error',
    'insufficient_quota',
    'rate_limit_error',
    'service_unavailable_error',
    'server_error',
  ]),
  message: Type.String({ minLength: 1 }),
  param: TextOrNull,
  code: TextOrNull,
});
export const OpenAiErrorResponse = Type.Object({ error: ErrorObject });

const Model = Type.Object({
  id: Type.String(),
  object: Type.Literal('model'),
  created: Type.Integer(),
  owned_by: Type.String(),
});
const ModelList = Type.Object({ object: Type.Literal('list'), data: Type.Array(Model) });

const CompletionUsage = Type.Object({
  prompt_tokens: Count,
  completion_tokens: Count,
  total_tokens: Count,
});

const ToolCall = Type.Object({
  id: Type.String(),
  type: Type.Literal('function'),
  function: Type.Object({ name: Type.String(), arguments: Type.String() }),
});
const FINISH_REASONS = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call'] as const;
const ChatCompletion = Type.Object({
  id: Type.String(),
  object: Type.Literal('chat.completion'),
  created: Type.Integer(),
  model: Type.String(),
  choices: Type.Array(
    Type.Object({
      index: Count,
      message: Type.Object({
        role: Type.Literal('assistant'),
        content: TextOrNull,
        refusal: TextOrNull,
        tool_calls: Type.Optional(Type.Array(ToolCall)),
      }),
      logprobs: Type.Null(),
      finish_reason: oneOf(FINISH_REASONS),
    }),
  ),
  usage: Type.Optional(CompletionUsage),
});
const ChatCompletionChunk = Type.Object({
  id: Type.String(),
  object: Type.Literal('chat.completion.chunk'),
  created: Type.Integer(),
  model: Type.String(),
  choices: Type.Array(
    Type.Object({
      index: Count,
      delta: Type.Object({
        role: Type.Optional(oneOf(['developer', 'system', 'user', 'assistant', 'tool'])),
        content: Type.Optional(TextOrNull),
        refusal: Type.Optional(TextOrNull),
      }),
      finish_reason: Type.Union([oneOf(FINISH_REASONS), Type.Null()]),
    }),
  ),
  usage: Type.Optional(Type.Union([CompletionUsage, Type.Null()])),
});

const CompletionChoice = {
  index: Count,
  text: Type.String(),
  logprobs: Type.Null(),
};
const Completion = Type.Object({
  id: Type.String(),
  object: Type.Literal('text_completion'),
  created: Type.Integer(),
  model: Type.String(),
  choices: Type.Array(
    Type.Object({
      ...CompletionChoice,
      finish_reason: oneOf(['stop', 'length', 'content_filter']),
    }),
  ),
  usage: Type.Optional(CompletionUsage),
});
/** In a stream, the reason is null until the end, and so is the usage. */
const CompletionChunk = Type.Object({
  ...Completion.properties,
  choices: Type.Array(
    Type.Object({
      ...CompletionChoice,
      finish_reason: Type.Union([oneOf(['stop', 'length', 'content_filter']), Type.Null()]),
    }),
  ),
  usage: Type.Optional(Type.Union([CompletionUsage, Type.Null()])),
});

const Embeddings = Type.Object({
  object: Type.Literal('list'),
  model: Type.String(),
  data: Type.Array(
    Type.Object({
      object: Type.Literal('embedding'),
      index: Count,
      embedding: Type.Array(Type.Number()),
    }),
  ),
  usage: Type.Optional(Type.Object({ prompt_tokens: Count, total_tokens: Count })),
});
const Base64Embeddings = Type.Object({
  ...Embeddings.properties,
  data: Type.Array(Type.Object({ embedding: Type.String() })),
});

const ResponseUsage = Type.Object({
  input_tokens: Count,
  input_tokens_details: Type.Object({ cached_tokens: Count }),
  output_tokens: Count,
  output_tokens_details: Type.Object({ reasoning_tokens: Count }),
  total_tokens: Count,
});
const Response = Type.Object({
  id: Type.String(),
  object: Type.Literal('response'),
  created_at: Type.Number(),
  status: oneOf(['completed', 'failed', 'in_progress', 'cancelled', 'queued', 'incomplete']),
  error: Type.Union([Type.Object({ code: Type.String(), message: Type.String() }), Type.Null()]),
  incomplete_details: Type.Union([
    Type.Object({ reason: oneOf(['max_output_tokens', 'content_filter']) }),
    Type.Null(),
  ]),
  model: Type.String(),
  output: Type.Array(Type.Object({ type: Type.String() })),
  parallel_tool_calls: Type.Boolean(),
  temperature: Type.Union([Type.Number(), Type.Null()]),
  top_p: Type.Union([Type.Number(), Type.Null()]),
  usage: Type.Optional(Type.Union([ResponseUsage, Type.Null()])),
});
const InputTokens = Type.Object({
  object: Type.Literal('response.input_tokens'),
  input_tokens: Count,
});

const Numbered = { sequence_number: Count };
const ErrorEvent = Type.Object({
  type: Type.Literal('error'),
  ...Numbered,
  code: TextOrNull,
  message: Type.String({ minLength: 1 }),
  param: TextOrNull,
});
const TextDeltaEvent = Type.Object({
  type: Type.Literal('response.output_text.delta'),
  ...Numbered,
  item_id: Type.String(),
  output_index: Count,
  content_index: Count,
  delta: Type.String(),
});
/** Any other event. */
const ResponseEvent = Type.Object({
  type: Type.String({ pattern: '^response\\.(?!output_text\\.delta$)' }),
  ...Numbered,
  response: Type.Optional(Response),
});

const Images = Type.Object({
  created: Type.Integer(),
  data: Type.Array(Type.Object({ b64_json: Type.String() })),
  usage: Type.Optional(
    Type.Object({
      input_tokens: Count,
      input_tokens_details: Type.Object({ text_tokens: Count, image_tokens: Count }),
      output_tokens: Count,
      total_tokens: Count,
    }),
  ),
});
const Transcription = Type.Object({
  text: Type.String(),
  usage: Type.Optional(
    Type.Union([
      Type.Object({ type: Type.Literal('duration'), seconds: Type.Number() }),
      Type.Object({
        type: Type.Literal('tokens'),
        input_tokens: Count,
        output_tokens: Count,
        total_tokens: Count,
      }),
    ]),
  ),
});
const Moderations = Type.Object({
  id: Type.String(),
  model: Type.String(),
  results: Type.Array(Type.Object({ flagged: Type.Boolean() })),
});

/** Not OpenAI's: what Cohere, Jina, Voyage, vLLM and llama.cpp have in common. */
const Rerank = Type.Object({
  results: Type.Array(Type.Object({ index: Count, relevance_score: Type.Number() })),
});

/** The paths whose answers may be something else than JSON. */
export const OPENAI_BYTES: ReadonlySet<string> = new Set([
  '/v1/audio/speech',
  '/v1/audio/transcriptions',
  '/v1/audio/translations',
]);

/** The schemas of whole answers, by path; `{id}` stands for any name. */
export const OPENAI_ANSWERS: Readonly<Record<string, TSchema>> = {
  '/v1/models': ModelList,
  '/v1/models/{id}': Model,
  '/v1/chat/completions': ChatCompletion,
  '/v1/completions': Completion,
  '/v1/embeddings': Type.Union([Embeddings, Base64Embeddings]),
  '/v1/responses': Response,
  '/v1/images/generations': Images,
  '/v1/images/edits': Images,
  '/v1/audio/transcriptions': Transcription,
  '/v1/audio/translations': Transcription,
  '/v1/moderations': Moderations,
  '/v1/rerank': Rerank,
  '/v1/responses/input_tokens': InputTokens,
};

/** The schemas of events, by path. */
export const OPENAI_EVENTS: Readonly<Record<string, TSchema>> = {
  '/v1/chat/completions': Type.Union([ChatCompletionChunk, OpenAiErrorResponse]),
  '/v1/completions': Type.Union([CompletionChunk, OpenAiErrorResponse]),
  '/v1/responses': Type.Union([TextDeltaEvent, ErrorEvent, ResponseEvent]),
};

/** An error unless whatever the schema allows fits the type of the clients. */
type Fits<Published, Schema extends Published> = Schema;
/** The published type of members that are described here. */
type Of<Published, Schema extends TSchema> = Pick<
  Published,
  keyof Static<Schema> & keyof Published
>;

export type Proofs = [
  Fits<OpenAI.ErrorObject, Static<typeof ErrorObject>>,
  Fits<OpenAI.Models.Model, Static<typeof Model>>,
  Fits<OpenAI.Completions.CompletionUsage, Static<typeof CompletionUsage>>,
  Fits<OpenAI.Chat.ChatCompletion, Static<typeof ChatCompletion>>,
  Fits<OpenAI.Chat.ChatCompletionChunk, Static<typeof ChatCompletionChunk>>,
  Fits<OpenAI.Completion, Static<typeof Completion>>,
  Fits<OpenAI.ImagesResponse, Static<typeof Images>>,
  Fits<OpenAI.Audio.Transcription, Static<typeof Transcription>>,
  Fits<OpenAI.Embedding, Static<typeof Embeddings>['data'][number]>,
  Fits<OpenAI.Responses.InputTokenCountResponse, Static<typeof InputTokens>>,
  Fits<OpenAI.Responses.ResponseErrorEvent, Static<typeof ErrorEvent>>,
  Fits<
    Of<Omit<OpenAI.Responses.Response, 'output' | 'usage' | 'error'>, typeof Response>,
    Static<typeof Response>
  >,
  Fits<
    Of<OpenAI.Responses.ResponseTextDeltaEvent, typeof TextDeltaEvent>,
    Static<typeof TextDeltaEvent>
  >,
];
