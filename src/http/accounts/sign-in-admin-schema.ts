/** What staff see of the ways to sign in, and of trying them. */
import { Type } from 'typebox';
import { SIGN_IN_FAULTS } from '../../core/sign-in-faults.ts';
import { GROUP_CHANGES, SIGN_IN_OUTCOMES } from '../../core/sign-in-preview.ts';
import { NullableString, storable, text } from '../framework/common-schema.ts';

const Fault = Type.Object({
  code: Type.Enum(SIGN_IN_FAULTS),
  reason: Type.String({ description: 'A sentence of a program, in English.' }),
});
const NullableFault = Type.Union([Fault, Type.Null()]);
const Mapped = Type.Object({ there: Type.String(), group: Type.String() });
const NullableStrings = Type.Union([Type.Array(Type.String()), Type.Null()]);

const Provider = Type.Object({
  name: Type.String(),
  issuer: Type.String(),
  client_id: Type.String(),
  has_secret: Type.Boolean(),
  scopes: Type.Array(Type.String()),
  button: Type.Record(Type.String(), Type.String(), {
    description: 'What its button says, by language; `""` is for every one.',
  }),
  username_claim: NullableString,
  groups_claim: Type.String(),
  groups: Type.Array(Mapped),
  staff: NullableStrings,
  requires: Type.Array(Type.Object({ claim: Type.String(), values: Type.Array(Type.String()) })),
  match_by_email: Type.Boolean(),
  email_is_verified: Type.Boolean(),
  match_by_username: Type.Boolean(),
  new_accounts: Type.Boolean(),
  sign_out: Type.Boolean(),
  redirect_uri: Type.String(),
  sign_out_redirect_uri: Type.String(),
  back_channel_logout_uri: Type.String(),
  state: Type.Object(
    {
      asked_at: NullableString,
      ok_at: NullableString,
      failures: Type.Array(
        Type.Object({
          at: Type.String(),
          step: Type.Union([
            Type.Literal('ask'),
            Type.Literal('sign_in'),
            Type.Literal('sign_out'),
          ]),
          code: Type.Enum(SIGN_IN_FAULTS),
          reason: Type.String(),
        }),
      ),
    },
    { description: 'As this server has seen it since it was started; the newest failures first.' },
  ),
});

const Directory = Type.Object({
  urls: Type.Array(Type.String()),
  start_tls: Type.Boolean(),
  bind_dn: NullableString,
  base: Type.String(),
  filter: Type.String(),
  attributes: Type.Object({
    id: NullableString,
    username: Type.String(),
    email: Type.String(),
    groups: Type.String(),
  }),
  group_search: Type.Union([
    Type.Object({ base: Type.String(), filter: Type.String() }),
    Type.Null(),
  ]),
  groups: Type.Array(Mapped),
  staff: NullableStrings,
  create_accounts: Type.Boolean(),
});

export const SignInWays = Type.Object(
  {
    password_login: Type.Boolean(),
    address_is_set: Type.Boolean({ description: 'Whether `CHIT_PUBLIC_URL` is set.' }),
    providers: Type.Array(Provider),
    directory: Type.Union([Directory, Type.Null()]),
  },
  { description: 'What `chit.json` says, without secrets.' },
);

export const CheckedProvider = Type.Object(
  {
    fault: NullableFault,
    offers: Type.Union([
      Type.Object({
        keys: Type.Integer(),
        user_info: Type.Boolean(),
        sign_out: Type.Boolean(),
        back_channel_logout: Type.Boolean(),
        names_sessions: Type.Boolean(),
      }),
      Type.Null(),
    ]),
  },
  { description: 'What the provider says of itself now, or why it does not.' },
);

export const CheckedDirectory = Type.Object(
  { servers: Type.Array(Type.Object({ url: Type.String(), fault: NullableFault })) },
  { description: 'How each server of the directory does.' },
);

export const BegunTrial = Type.Object(
  { url: Type.String({ description: 'Where the browser goes, which gets a cookie for it.' }) },
  { description: 'The provider is to be asked.' },
);

export const TrialPath = Type.Object({ id: storable({ maxLength: 100 }) });

const Preview = Type.Object({
  outcome: Type.Enum(SIGN_IN_OUTCOMES),
  user_id: Type.Union([Type.Integer(), Type.Null()]),
  username: NullableString,
  email: Type.Union([
    Type.Object({ address: Type.String(), is_verified: Type.Boolean() }),
    Type.Null(),
  ]),
  opening_tokens: Type.Union([Type.Integer(), Type.Null()]),
  groups_there: NullableStrings,
  groups: Type.Array(Type.Object({ name: Type.String(), change: Type.Enum(GROUP_CHANGES) })),
  is_staff: Type.Union([Type.Boolean(), Type.Null()]),
  lacks: Type.Array(Type.Object({ claim: Type.String(), values: Type.Array(Type.String()) })),
});

export const Trial = Type.Object(
  {
    provider: Type.String(),
    issuer: NullableString,
    subject: NullableString,
    claims: Type.Union([Type.Object({}, { additionalProperties: true }), Type.Null()]),
    preview: Type.Union([Preview, Type.Null()]),
    failure: Type.Union([
      Type.Null(),
      Type.String({ description: 'The code that the person would be told.' }),
    ]),
    fault: NullableFault,
  },
  { description: 'What came, and what would happen. Nothing was made.' },
);

export const TryDirectory = Type.Object({
  username: text({ maxLength: 200, description: 'As somebody would type it.' }),
  password: Type.Optional(
    text({ maxLength: 1_024, description: 'Theirs, to see whether the directory takes it.' }),
  ),
});

export const TriedDirectory = Type.Object(
  {
    entry: Type.Union([
      Type.Object({
        dn: Type.String(),
        attributes: Type.Array(
          Type.Object({ name: Type.String(), values: Type.Array(Type.String()) }),
        ),
      }),
      Type.Null(),
    ]),
    password_is_right: Type.Union([Type.Boolean(), Type.Null()]),
    preview: Preview,
  },
  { description: 'What the directory has, and what would happen. Nothing was made.' },
);
