import { Type } from 'typebox';
import { EFFORTS } from '../../core/model-options.ts';
import { PayerField, storable, text } from '../framework/common-schema.ts';

export const ChatBody = Type.Object({
  message: text({ description: 'The message, as typed.' }),
  model: Type.Optional(storable({ description: 'A name from GET /api/models/.' })),
  payer: PayerField,
  stream: Type.Optional(
    Type.Boolean({
      description: 'Stream the reply as server-sent events: `delta`, then `done` or `error`.',
    }),
  ),
});

export const ChatReply = Type.Object(
  {
    user: Type.Integer({ description: 'The id of the user.' }),
    message: Type.String(),
    response: Type.String(),
    timestamp: Type.String({ description: 'When the message was sent, in UTC.' }),
  },
  {
    description:
      'The reply, charged and stored; `Chit-Reply-Failure` says why if it is incomplete, and ' +
      '`Chit-Paid-By` names the group if its pool has paid.',
  },
);

export const ModelList = Type.Object(
  {
    models: Type.Array(
      Type.Object({
        name: Type.String(),
        is_default: Type.Boolean({
          description: 'Whether it is used for messages that name no model.',
        }),
        price: Type.Object(
          {
            per_message: Type.Integer(),
            per_million_input: Type.Integer(),
            per_million_cached_input: Type.Integer(),
            per_million_output: Type.Integer(),
          },
          { description: 'In tokens of the balance; the dearest rates of any request.' },
        ),
        output_limit: Type.Integer({ description: 'The maximum number of output tokens.' }),
        added_input: Type.Integer({
          description: 'The most input tokens that a provider adds to the messages it reads.',
        }),
        context_limit: Type.Union([Type.Integer(), Type.Null()], {
          description: 'The maximum of input and output tokens together; null if unknown.',
        }),
        reads: Type.Array(Type.Enum(['image', 'pdf']), {
          description: 'What it is given as it is, beside text; all else becomes text.',
        }),
        description: Type.Union([Type.Record(Type.String(), Type.String()), Type.Null()], {
          description: 'What it is good for, by language; the empty name is for every language.',
        }),
        thinks: Type.Boolean({ description: 'Whether it thinks before it replies.' }),
        effort: Type.Array(
          Type.Object({
            level: Type.Enum([...EFFORTS]),
            output_limit: Type.Integer({ description: 'The maximum of output tokens with it.' }),
          }),
          { description: 'How hard a conversation can have it think; none if it cannot be told.' },
        ),
        temperature: Type.Boolean({ description: 'Whether it takes a temperature.' }),
        tools: Type.Boolean({ description: 'Whether it calls tools.' }),
        typical_cost: Type.Object(
          {
            tokens: Type.Integer({ description: 'In tokens of the balance.' }),
            from: Type.Enum(['you', 'site', 'estimate'], {
              description:
                'The median of your last messages to it, or of those of all users; or an ' +
                'estimate of a short message.',
            }),
          },
          { description: 'What a message usually costs.' },
        ),
        is_failing: Type.Boolean({ description: 'Whether its last attempts to reply failed.' }),
        fallbacks: Type.Array(Type.String(), {
          description: 'Models that reply, at their own price, if this one fails.',
        }),
      }),
    ),
  },
  { description: 'The models that you may use.' },
);
