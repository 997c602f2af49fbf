import { Type } from 'typebox';

export const Balance = Type.Object(
  { tokens: Type.Integer({ description: 'Available to spend.' }) },
  {
    description:
      'What can be spent now with the account that would pay: the first that has something left.',
  },
);
