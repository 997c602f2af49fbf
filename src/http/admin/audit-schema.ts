/** What staff see of the audit log. */
import { Type } from 'typebox';
import { AUDIT_ACTIONS } from '../../core/audit-log.ts';
import { Cursor, NullableString, paged, SEARCHED } from '../accounts/managed-user-schema.ts';
import { Limit, storable } from '../framework/common-schema.ts';

export const AuditQuery = Type.Object({
  q: Type.Optional(storable({ maxLength: 200, description: 'What the reason has in it.' })),
  actor: Type.Optional(
    storable({ maxLength: 100, description: 'A username, or as `user:1` or `cli:root`.' }),
  ),
  action: Type.Optional(Type.Enum(AUDIT_ACTIONS)),
  target: Type.Optional(
    storable({ maxLength: 100, description: 'A username, or as `user:1` or `audit_log`.' }),
  ),
  from: Type.Optional(Type.String({ format: 'date-time', description: 'Not before.' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'Not after.' })),
  format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('csv')])),
  cursor: Cursor,
  limit: Limit,
});

const Facts = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]);

export const AuditList = Type.Object(
  {
    entries: Type.Array(
      Type.Object({
        id: Type.String(),
        at: Type.String(),
        actor: Type.String(),
        actor_name: NullableString,
        address: NullableString,
        action: Type.String(),
        target: Type.String(),
        target_name: NullableString,
        reason: NullableString,
        before: Facts,
        after: Facts,
      }),
    ),
    searched_back_to: NullableString,
    ...paged,
  },
  { description: `What staff and the command line did. ${SEARCHED}` },
);
