import { Type } from 'typebox';
import { storable, text } from '../framework/common-schema.ts';

export const ChatBody = Type.Object({
  message: text({ description: 'What to say to the model, as typed.' }),
  model: Type.Optional(storable({ description: 'A name from GET /api/models/.' })),
  stream: Type.Optional(
    Type.Boolean({ description: 'Answer as it comes, as server-sent events: `delta`, `done`.' }),
  ),
});

export const ChatReply = Type.Object(
  {
    user: Type.Integer({ description: 'The id of the user who asked.' }),
    message: Type.String(),
    response: Type.String(),
    timestamp: Type.String({ description: 'When it was asked, in UTC.' }),
  },
  { description: 'The reply. It is charged and stored.' },
);

export const ModelList = Type.Object(
  {
    models: Type.Array(
      Type.Object({
        name: Type.String(),
        is_default: Type.Boolean({ description: 'Answers when a message names no model.' }),
        price: Type.Object(
          {
            per_message: Type.Integer(),
            per_million_input: Type.Integer(),
            per_million_cached_input: Type.Integer(),
            per_million_output: Type.Integer(),
          },
          { description: 'In tokens of the balance.' },
        ),
        output_limit: Type.Integer({ description: 'The most model tokens that it writes.' }),
        context_limit: Type.Union([Type.Integer(), Type.Null()], {
          description: 'The most that it reads and writes together; null if that is not known.',
        }),
        fallbacks: Type.Array(Type.String(), {
          description: 'Models that answer, at their own price, if it does not.',
        }),
      }),
    ),
  },
  { description: 'The models that you may use.' },
);
