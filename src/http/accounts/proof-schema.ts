import { Type } from 'typebox';
import { storable } from '../framework/common-schema.ts';

export const GivenProof = Type.Object({
  password: storable({ maxLength: 1_024, description: 'Your current password.' }),
});

export const Proved = Type.Object(
  {
    access: Type.String({
      description: 'An access token; for ten minutes it does what needs a fresh proof.',
    }),
  },
  { description: 'The proof was accepted.' },
);
