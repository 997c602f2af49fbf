import { Type } from 'typebox';

export const Balance = Type.Object(
  { tokens: Type.Integer({ description: 'Available to spend.' }) },
  { description: 'The balance, minus what is held for replies in progress.' },
);
