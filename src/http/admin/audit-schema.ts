import { Type } from 'typebox';
import { AUDIT_ACTIONS } from '../../core/audit-log.ts';
import { NullableString, storable } from '../framework/common-schema.ts';
import { Limit, OpaqueCursor, paged, SEARCHED, Search } from '../framework/paging-schema.ts';

export const AuditQuery = Type.Object({
  q: Search('Text in the reason.'),
  actor: Type.Optional(
    storable({
      maxLength: 100,
      description:
        'A username, or an actor such as `user:1`, with the admin keys of the user, `key:ID` for ' +
        'one of them, or `cli:root`.',
    }),
  ),
  action: Type.Optional(Type.Enum(AUDIT_ACTIONS)),
  target: Type.Optional(
    storable({
      maxLength: 100,
      description: 'A username, or a target such as `user:1` or `audit_log`.',
    }),
  ),
  from: Type.Optional(Type.String({ format: 'date-time', description: 'The earliest time.' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'The latest time.' })),
  format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('csv')])),
  cursor: OpaqueCursor,
  limit: Limit,
});

const Facts = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
  description:
    'What the action set, by name. `plan_name` and `balance` are added when the log is read.',
});

export const AuditList = Type.Object(
  {
    entries: Type.Array(
      Type.Object({
        id: Type.String(),
        at: Type.String(),
        actor: Type.String(),
        actor_name: { ...NullableString, description: 'A username; of a key, of who made it.' },
        address: NullableString,
        action: Type.String(),
        target: Type.String(),
        target_name: NullableString,
        reason: NullableString,
        before: Facts,
        after: Facts,
        actor_key: { ...NullableString, description: 'The name of the admin key that acted.' },
      }),
    ),
    searched_back_to: NullableString,
    ...paged,
  },
  { description: `Actions of staff and of the command line, and copied tokens. ${SEARCHED}` },
);
