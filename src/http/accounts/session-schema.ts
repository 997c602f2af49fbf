import { Type } from 'typebox';

export const SessionPath = Type.Object({ id: Type.String({ maxLength: 100 }) });

export const SessionList = Type.Object(
  {
    sessions: Type.Array(
      Type.Object({
        id: Type.String(),
        created_at: Type.String(),
        expires_at: Type.String(),
        is_current: Type.Boolean({ description: 'Whether the cookie of this request is its.' }),
      }),
    ),
  },
  { description: 'Where you are signed in, newest first.' },
);
