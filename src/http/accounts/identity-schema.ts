/** Identities elsewhere that sign in to an account. */
import { Type } from 'typebox';
import { NullableString, storable } from '../framework/common-schema.ts';

/** An identity, for its user and for staff. */
export const TiedIdentity = Type.Object({
  id: Type.String(),
  by: Type.Union([Type.Literal('provider'), Type.Literal('ldap')]),
  provider: Type.Union([Type.String(), Type.Null()], {
    description: 'Its name in `signIn` of `chit.json`; null for a directory.',
  }),
  names: Type.Union([Type.Object({ en: Type.String(), de: Type.String() }), Type.Null()], {
    description: 'What the button of the provider says, by language; null for a directory.',
  }),
  created_at: Type.String(),
  last_used_at: NullableString,
});

export const IdentityList = Type.Object(
  { identities: Type.Array(TiedIdentity) },
  { description: 'In the order in which they were connected.' },
);

export const IdentityPath = Type.Object({ id: storable({ maxLength: 64 }) });
