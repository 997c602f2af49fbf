/**
 * What Anthropic publishes of its answers and errors, as far as clients rely on it, restated as
 * schemas from https://docs.claude.com/en/api/messages, …/messages-streaming, …/models-list and
 * …/errors. The proofs at the end make the compiler compare them with the types that Anthropic
 * generates for its clients, of the version of `@anthropic-ai/sdk` (MIT) in package-lock.json.
 */
import type Anthropic from '@anthropic-ai/sdk';
import { type Static, type TSchema, Type } from 'typebox';

const TextOrNull = Type.Union([Type.String(), Type.Null()]);
const CountOrNull = Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]);
const Count = Type.Integer({ minimum: 0 });

function typed<const Name extends string>(type: Name) {
  return Type.Object({ type: Type.Literal(type), message: Type.String({ minLength: 1 }) });
}

const ErrorObject = Type.Union([
  typed('invalid_request_error'),
  typed('authentication_error'),
  typed('billing_error'),
  typed('permission_error'),
  typed('not_found_error'),
  typed('rate_limit_error'),
  typed('timeout_error'),
  typed('api_error'),
  typed('overloaded_error'),
]);
/** In the documentation of errors, but not among the types of the clients. */
const TooLarge = typed('request_too_large');
export const AnthropicErrorResponse = Type.Object({
  type: Type.Literal('error'),
  error: Type.Union([ErrorObject, TooLarge]),
  request_id: Type.String({ minLength: 1 }),
});

const ModelInfo = Type.Object({
  type: Type.Literal('model'),
  id: Type.String(),
  display_name: Type.String(),
  created_at: Type.String({ format: 'date-time' }),
  max_input_tokens: CountOrNull,
  max_tokens: CountOrNull,
  capabilities: Type.Null(),
  lifecycle: Type.Enum(['active', 'deprecated', 'retired']),
  line: Type.Null(),
  deprecated_at: TextOrNull,
  retires_at: TextOrNull,
});
const ModelPage = Type.Object({
  data: Type.Array(ModelInfo),
  has_more: Type.Boolean(),
  first_id: TextOrNull,
  last_id: TextOrNull,
});

const Message = Type.Object({
  id: Type.String(),
  type: Type.Literal('message'),
  role: Type.Literal('assistant'),
  model: Type.String(),
  content: Type.Array(Type.Object({ type: Type.String() })),
  stop_reason: Type.Union([
    Type.Enum(['end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'pause_turn', 'refusal']),
    Type.Null(),
  ]),
  stop_sequence: TextOrNull,
  usage: Type.Optional(Type.Object({ input_tokens: Count, output_tokens: Count })),
});
const TokensCount = Type.Object({ input_tokens: Count });

const ErrorEvent = Type.Object({
  type: Type.Literal('error'),
  error: AnthropicErrorResponse.properties.error,
});
const Event = Type.Union([
  Type.Object({ type: Type.Literal('message_start'), message: Message }),
  Type.Object({
    type: Type.Literal('content_block_start'),
    index: Count,
    content_block: Type.Object({ type: Type.String() }),
  }),
  Type.Object({
    type: Type.Literal('content_block_delta'),
    index: Count,
    delta: Type.Object({ type: Type.String() }),
  }),
  Type.Object({ type: Type.Literal('content_block_stop'), index: Count }),
  Type.Object({
    type: Type.Literal('message_delta'),
    delta: Type.Object({ stop_reason: Message.properties.stop_reason }),
    usage: Type.Optional(Type.Object({ output_tokens: Count })),
  }),
  Type.Object({ type: Type.Literal('message_stop') }),
  Type.Object({ type: Type.Literal('ping') }),
  ErrorEvent,
]);

/** The schemas of whole answers, by path; `{id}` stands for any name. */
export const ANTHROPIC_ANSWERS: Readonly<Record<string, TSchema>> = {
  '/v1/models': ModelPage,
  '/v1/models/{id}': ModelInfo,
  '/v1/messages': Message,
  '/v1/messages/count_tokens': TokensCount,
};

/** The schemas of events, by path. */
export const ANTHROPIC_EVENTS: Readonly<Record<string, TSchema>> = { '/v1/messages': Event };

/** An error unless whatever the schema allows fits the type of the clients. */
type Fits<Published, Schema extends Published> = Schema;

export type Proofs = [
  Fits<Anthropic.ErrorObject, Static<typeof ErrorObject>>,
  Fits<Anthropic.ModelInfo, Static<typeof ModelInfo>>,
  Fits<Anthropic.MessageTokensCount, Static<typeof TokensCount>>,
  Fits<
    Pick<Anthropic.Message, 'id' | 'type' | 'role' | 'model' | 'stop_reason' | 'stop_sequence'>,
    Static<typeof Message>
  >,
];
