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

export const LogoutBody = Type.Object({
  logout_token: Type.String({
    maxLength: 20_000,
    description: 'A token of the provider (OpenID Connect Back-Channel Logout 1.0, 2.4).',
  }),
});

export const SignedOutThere = Type.String({
  maxLength: 0,
  description: 'The sessions have ended; nothing is said.',
});

export const LogoutRefused = Type.Object(
  {
    error: Type.String({ description: 'Always `invalid_request`.' }),
    error_description: Type.String(),
  },
  { description: 'The token is refused, or the provider cannot be asked for its keys.' },
);
export const TieProof = Type.Object({
  ...SecondStepOptions.properties,
  ...GivenProof.properties,
});
