import { Type } from 'typebox';
import { CALL_STATES } from '../../core/tools.ts';

const Call = Type.Object({
  id: Type.String(),
  round: Type.Integer({ description: 'The round that asked for it, from 1.' }),
  tool: Type.String({ description: 'The name from GET /api/tools/; empty if there is none.' }),
  name: Type.String({ description: 'The name of the function.' }),
  arguments: Type.String({ description: 'JSON, as the model wrote it.' }),
  state: Type.Enum(CALL_STATES, {
    description:
      '`asked`: about to be made; `waiting`: you have to allow it; `denied`: you did not; ' +
      '`done`: answered and charged; `failed`: no answer, not charged; ' +
      '`refused`: it cannot be made.',
  }),
  result: Type.Union([Type.String(), Type.Null()]),
  cost: Type.Number({ description: 'In tokens of the balance, before the round is rounded up.' }),
});

/** The rounds of a message. */
export const MessageTools = Type.Union(
  [
    Type.Object({
      approve_until: Type.Union([Type.String(), Type.Null()], {
        description: 'Until when calls wait for you; null if none do.',
      }),
      rounds: Type.Array(
        Type.Object({
          cost: Type.Integer(),
          text_end: Type.Integer({
            description: 'Where its text ends in the reply, in UTF-16 code units.',
          }),
        }),
      ),
      calls: Type.Array(Call),
    }),
    Type.Null(),
  ],
  { description: 'The rounds of the message and the calls of tools; null without any.' },
);

/** The same for readers of a link. */
export const SharedTools = Type.Union(
  [
    Type.Object({
      rounds: Type.Array(Type.Object({ text_end: Type.Integer() })),
      calls: Type.Array(
        Type.Object({
          id: Type.String(),
          round: Type.Integer(),
          tool: Type.String(),
          name: Type.String(),
          state: Type.Enum(CALL_STATES),
        }),
      ),
    }),
    Type.Null(),
  ],
  { description: 'Which tools the model called, and where in the reply; null without any.' },
);

export const ToolList = Type.Object(
  {
    rounds: Type.Integer({ description: 'How often a model is asked for one message, at most.' }),
    tools: Type.Array(
      Type.Object({
        name: Type.String(),
        kind: Type.Enum(['mcp', 'search']),
        is_available: Type.Boolean({ description: 'Whether it can be reached at the moment.' }),
        approval: Type.Enum(['each', 'never']),
        price_per_call: Type.Number({ description: 'In tokens of the balance.' }),
        input: Type.Integer({
          description: 'The most input tokens that it adds to every round.',
        }),
        functions: Type.Array(Type.Object({ name: Type.String(), description: Type.String() })),
      }),
    ),
  },
  { description: 'The tools that you may turn on.' },
);

export const Approval = Type.Object({
  calls: Type.Record(Type.String({ maxLength: 20 }), Type.Enum(['allow', 'deny']), {
    maxProperties: 100,
    description: 'What you decide, by the id of the call.',
  }),
});
