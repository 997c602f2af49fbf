import { Type } from 'typebox';

export const Balance = Type.Object(
  { tokens: Type.Integer({ description: 'What can be spent now.' }) },
  { description: 'The balance, less what is put aside for replies that are being written.' },
);

export const Me = Type.Object(
  {
    id: Type.Integer(),
    username: Type.String(),
    is_staff: Type.Boolean(),
    is_superuser: Type.Boolean(),
    tokens: Type.Integer({ description: 'What can be spent now.' }),
    date_joined: Type.String({ format: 'date-time' }),
  },
  { description: 'The account that the token belongs to.' },
);
