import { Type } from 'typebox';

export const SessionPath = Type.Object({ id: Type.String({ maxLength: 100 }) });

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
  },
  { description: 'Your sessions, newest first.' },
);
