import { Type } from 'typebox';

export const Me = Type.Object(
  {
    id: Type.Integer(),
    username: Type.String(),
    is_staff: Type.Boolean(),
    is_superuser: Type.Boolean(),
    tokens: Type.Integer({ description: 'Available to spend.' }),
    date_joined: Type.String({ format: 'date-time' }),
    staff_reads_chats: Type.Boolean({ description: 'Whether staff can read your messages.' }),
  },
  { description: 'The account of the token.' },
);
