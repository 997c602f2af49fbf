/** What staff see of the servers on the database. */
import { Type } from 'typebox';

export const ServerList = Type.Object(
  {
    servers: Type.Array(
      Type.Object({
        id: Type.String({ description: 'New at each start.' }),
        host: Type.String({ description: 'The name of its machine.' }),
        version: Type.String(),
        started_at: Type.String(),
        is_this: Type.Boolean({ description: 'Whether it has answered this request.' }),
        clock_ahead_seconds: Type.Number({
          description: 'How far its clock is ahead of the one of the database; negative if behind.',
        }),
        differences: Type.Array(
          Type.Union([Type.Literal('secret_key'), Type.Literal('deployment')]),
          {
            description:
              'In what it differs from the server that answers: the secret key; or models, ' +
              'prices and limits.',
          },
        ),
      }),
    ),
    shares_limits: Type.Boolean({
      description: 'Whether limits are counted over all of them at present.',
    }),
  },
  { description: 'The servers that run, the oldest first.' },
);
