import { Type } from 'typebox';
import { storable } from '../framework/common-schema.ts';
import { GivenProof, SecondStepOptions } from './factor-schema.ts';

export const ProviderPath = Type.Object({
  provider: storable({ maxLength: 100, description: 'A name of `signIn` in `chit.json`.' }),
});

export const BeginQuery = Type.Object({
  again: Type.Optional(
    Type.Literal('1', { description: 'The provider shall ask who it is even if it knows.' }),
  ),
  to: Type.Optional(
    storable({ description: 'The path of the page to come back to; by default the first page.' }),
  ),
});

export const Away = Type.Null({
  description:
    'The browser goes to the provider; or back to the first page, whose fragment says why not.',
});
export const Back = Type.Null({
  description:
    'The browser goes to the page that it came from, signed in by a cookie; or to the first ' +
    'page, whose fragment says why not.',
});

export const TieProof = Type.Object({
  ...SecondStepOptions.properties,
  ...GivenProof.properties,
});
