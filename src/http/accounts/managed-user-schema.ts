/** Users as staff see and change them. */
import { Type } from 'typebox';
import { MAX_CREDITS } from '../../core/credits.ts';
import { AccountPlan } from '../credits/plan-schema.ts';
import {
  NullableString,
  Password,
  Reason,
  storable,
  Username,
} from '../framework/common-schema.ts';
import { Limit, OpaqueCursor, paged } from '../framework/paging-schema.ts';
import { IdentityPath, TiedIdentity } from './identity-schema.ts';
import { SessionDevice } from './session-schema.ts';

/** As many as a person can review before they confirm. */
const MAX_DISABLED_AT_ONCE = 1_000;

export const AdminUserPath = Type.Object({
  id: Type.String({
    pattern: '^\\d{1,16}$',
    description: 'The id of the user.',
    'x-message': 'Give the id of a user, which is a number.',
  }),
});

export const AdminKeyPath = Type.Object({
  id: AdminUserPath.properties.id,
  key: Type.String({ maxLength: 64 }),
});

export const AdminIdentityPath = Type.Object({
  id: AdminUserPath.properties.id,
  identity: IdentityPath.properties.id,
});

export const AdminUser = Type.Object(
  {
    id: Type.Integer(),
    username: Type.String(),
    tokens: Type.Integer({ description: 'Available to spend.' }),
    held: Type.Integer({ description: 'Held for replies in progress.' }),
    is_active: Type.Boolean(),
    is_staff: Type.Boolean(),
    is_superuser: Type.Boolean(),
    date_joined: Type.String(),
    last_seen: NullableString,
  },
  { description: 'A user, as staff see them.' },
);

export const AdminUserQuery = Type.Object({
  q: Type.Optional(
    storable({
      maxLength: 50,
      description: 'The beginning of a username, or an id. The list is then sorted by name.',
    }),
  ),
  state: Type.Optional(Type.Union([Type.Literal('active'), Type.Literal('disabled')])),
  role: Type.Optional(Type.Union([Type.Literal('staff'), Type.Literal('superuser')])),
  sort: Type.Optional(
    Type.Union(
      ['name', 'joined', 'last_seen', 'balance'].flatMap((it) => [
        Type.Literal(it),
        Type.Literal(`-${it}`),
      ]),
      { description: 'Descending with a minus; the default is `-joined`.' },
    ),
  ),
  cursor: OpaqueCursor,
  limit: Limit,
  format: Type.Optional(
    Type.Union([Type.Literal('json'), Type.Literal('csv')], {
      description: '`csv` is a file with all of them, with their plans and groups.',
    }),
  ),
});

export const AdminUserList = Type.Object(
  { users: Type.Array(AdminUser), ...paged },
  { description: 'A page of users.' },
);

const Hold = Type.Object({
  id: Type.String(),
  tokens: Type.Integer(),
  model: Type.String(),
  created_at: Type.String(),
});

export const AdminUserDetail = Type.Object(
  {
    user: AdminUser,
    plan: AccountPlan,
    holds: Type.Array(Hold, { description: 'The replies in progress.' }),
    sessions: Type.Array(
      Type.Object({
        id: Type.String(),
        created_at: Type.String(),
        expires_at: Type.String(),
        ...SessionDevice,
      }),
    ),
    factors: Type.Object(
      { totp: Type.Boolean(), passkeys: Type.Integer(), recovery_codes: Type.Integer() },
      { description: 'An authenticator app, and how many passkeys and recovery codes.' },
    ),
    identities: Type.Array(TiedIdentity, { description: 'By which the user can sign in.' }),
    keys: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        prefix: Type.String(),
        budget: Type.Union([Type.Integer(), Type.Null()]),
        spent: Type.Integer(),
        last_used_at: NullableString,
      }),
    ),
  },
  { description: 'A user with their plan, replies in progress, sessions and API keys.' },
);

export const OneTimeLinkReply = Type.Object(
  {
    path: Type.String({ description: 'The path of the link on this server.' }),
    expires_at: Type.String(),
  },
  { description: 'A link that works once. It is shown only now.' },
);

export const NewAdminUser = Type.Object({
  username: Username,
  password: Type.Optional(Password),
  tokens: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_CREDITS,
      description: 'The opening balance; by default that of a sign-up.',
    }),
  ),
  is_staff: Type.Optional(Type.Boolean()),
  is_superuser: Type.Optional(Type.Boolean()),
});

export const MadeUser = Type.Object(
  { user: AdminUser, link: Type.Union([OneTimeLinkReply, Type.Null()]) },
  { description: 'The account and, if no password was given, a link to choose one.' },
);

export const UserChange = Type.Object({
  is_active: Type.Optional(Type.Boolean()),
  is_staff: Type.Optional(Type.Boolean({ description: 'Only superusers can change it.' })),
  is_superuser: Type.Optional(Type.Boolean({ description: 'Only superusers can change it.' })),
  reason: Type.Optional(Reason),
});

export const Deletion = Type.Object({ reason: Type.Optional(Reason) });

export const Disabling = Type.Object({
  ids: Type.Array(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), {
    minItems: 1,
    maxItems: MAX_DISABLED_AT_ONCE,
  }),
  reason: Type.Optional(Reason),
});

export const Disabled = Type.Object(
  { disabled: Type.Integer({ description: 'Without those who were disabled before.' }) },
  { description: 'All of them are disabled.' },
);
