import { Type } from 'typebox';

export const Site = Type.Object(
  {
    signup: Type.Union([Type.Literal('open'), Type.Literal('closed')], {
      description: 'Whether people may make accounts themselves.',
    }),
    password_min_length: Type.Integer({ description: 'In characters.' }),
    contact: Type.Union([Type.String(), Type.Null()], {
      description: 'Whom to ask for an account or for tokens, as the people who run this say it.',
    }),
  },
  { description: 'What a page must know before anybody has signed in.' },
);
