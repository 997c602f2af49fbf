import { Type } from 'typebox';
import { Limit, OpaqueCursor, paged } from '../framework/paging-schema.ts';

export const SessionPath = Type.Object({ id: Type.String({ maxLength: 100 }) });

export const SessionQuery = Type.Object({ cursor: OpaqueCursor, limit: Limit });

export const SessionList = Type.Object(
  {
    sessions: Type.Array(
      Type.Object({
        id: Type.String(),
        created_at: Type.String(),
        expires_at: Type.String(),
        is_current: Type.Boolean({ description: 'Whether it is the session of this request.' }),
      }),
    ),
    ...paged,
  },
  { description: 'Your sessions, newest first.' },
);
