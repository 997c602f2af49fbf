/** What staff send and get. */
import { Type } from 'typebox';
import { MAX_CREDITS } from '../../core/credits.ts';
import {
  BookCursor,
  detailed,
  Limit,
  Password,
  storable,
  text,
  USER_BODY_ERRORS,
  USER_ERRORS,
  Username,
} from '../framework/common-schema.ts';
import { ReasonCode } from './account-schema.ts';

const Forbidden = detailed('You are not on the staff, or this is for superusers only.');
/** Error answers of a route for staff, without a body. */
export const STAFF_ERRORS = { 400: USER_BODY_ERRORS[400], 403: Forbidden, ...USER_ERRORS };
/** Error answers of a route for staff, with a body. */
export const STAFF_BODY_ERRORS = { 403: Forbidden, ...USER_BODY_ERRORS };

export const NullableString = Type.Union([Type.String(), Type.Null()]);

/** Why something is done; everybody who may read the log can read it. */
export const Reason = text({ maxLength: 500, description: 'Why, in up to 500 characters.' });

export const Cursor = Type.Optional(
  storable({ maxLength: 400, description: '`next_cursor` of the page before.' }),
);
export const paged = { has_more: Type.Boolean(), next_cursor: NullableString };

export const AdminUserPath = Type.Object({
  id: Type.String({
    pattern: '^\\d{1,16}$',
    description: 'The id of the user.',
    'x-message': 'Give the id of a user, which is a number.',
  }),
});

export const AdminUser = Type.Object(
  {
    id: Type.Integer(),
    username: Type.String(),
    tokens: Type.Integer({ description: 'What can be spent now.' }),
    held: Type.Integer({ description: 'Put nonReplyOutput for replies that are being written.' }),
    is_active: Type.Boolean(),
    is_staff: Type.Boolean(),
    is_superuser: Type.Boolean(),
    date_joined: Type.String(),
    last_seen: NullableString,
  },
  { description: 'A user, as staff see one.' },
);

export const AdminUserQuery = Type.Object({
  q: Type.Optional(
    storable({
      maxLength: 50,
      description: 'What the name begins with, or an id. The list is sorted by name then.',
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
      { description: 'With a minus from the end; `-joined` if not said.' },
    ),
  ),
  cursor: Cursor,
  limit: Limit,
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
    holds: Type.Array(Hold, { description: 'What is being written for the user.' }),
    sessions: Type.Array(
      Type.Object({ id: Type.String(), created_at: Type.String(), expires_at: Type.String() }),
    ),
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
  { description: 'All that staff see of a user.' },
);

export const OneTimeLinkReply = Type.Object(
  {
    path: Type.String({ description: 'Behind the address of this server.' }),
    expires_at: Type.String(),
  },
  { description: 'A link that works once; it is shown only now.' },
);

export const NewAdminUser = Type.Object({
  username: Username,
  password: Type.Optional(Password),
  tokens: Type.Optional(
    Type.Integer({ minimum: 0, maximum: MAX_CREDITS, description: 'As at sign-up if not said.' }),
  ),
  is_staff: Type.Optional(Type.Boolean()),
  is_superuser: Type.Optional(Type.Boolean()),
});

export const MadeUser = Type.Object(
  { user: AdminUser, link: Type.Union([OneTimeLinkReply, Type.Null()]) },
  { description: 'The account; with a link to choose a password, if none was given.' },
);

export const UserChange = Type.Object({
  is_active: Type.Optional(Type.Boolean()),
  is_staff: Type.Optional(Type.Boolean({ description: 'For superusers to change.' })),
  is_superuser: Type.Optional(Type.Boolean({ description: 'For superusers to change.' })),
  reason: Type.Optional(Reason),
});

export const Deletion = Type.Object({ reason: Type.Optional(Reason) });

export const AdminStatementLine = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  refunded: Type.Boolean({ description: 'Whether this charge was given back.' }),
  amount: Type.Integer(),
  balance_after: Type.Integer(),
  model: NullableString,
  reason: NullableString,
  reason_code: ReasonCode,
  actor: Type.String(),
  actor_name: NullableString,
  timestamp: Type.String(),
});

export const AdminStatementQuery = Type.Object({ cursor: BookCursor, limit: Limit });

export const AdminStatement = Type.Object(
  { results: Type.Array(AdminStatementLine), ...paged },
  { description: 'Bookings, newest first, with who made them.' },
);

export const AdminKeyPath = Type.Object({
  id: AdminUserPath.properties.id,
  key: Type.String({ maxLength: 64 }),
});

/** As many as fit into a request of the usual size. */
const MOST_SHARES = 10_000;

export const NewGrants = Type.Object({
  to: Type.Array(
    Type.Object({
      username: Type.Optional(storable({ maxLength: 50 })),
      id: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
      tokens: Type.Integer({
        minimum: -MAX_CREDITS,
        maximum: MAX_CREDITS,
        description: 'Negative to take.',
      }),
    }),
    { minItems: 1, maxItems: MOST_SHARES, description: 'Users by name or id, each once.' },
  ),
  reason: Reason,
  dry_run: Type.Optional(
    Type.Boolean({ description: 'Book nothing, and say what would be booked.' }),
  ),
});

const GrantProblem = Type.Enum([
  'account_unknown',
  'balance_limit',
  'insufficient_credits',
  'named_twice',
  'nothing',
  'untouchable',
]);

export const GrantsPlan = Type.Object(
  {
    booked: Type.Boolean(),
    accounts: Type.Integer({ description: 'How many.' }),
    tokens: Type.Integer({ description: 'The sum.' }),
    rows: Type.Array(
      Type.Object({
        id: Type.Union([Type.Integer(), Type.Null()]),
        username: NullableString,
        tokens: Type.Integer(),
        tokens_before: Type.Union([Type.Integer(), Type.Null()]),
        tokens_after: Type.Union([Type.Integer(), Type.Null()]),
        problem: NullableString,
        problem_code: Type.Union([GrantProblem, Type.Null()]),
      }),
      { description: 'Of a dry run: what each would have, and what stands in the way.' },
    ),
  },
  { description: 'What was booked, for all of them; or what would be.' },
);

export const NewRefund = Type.Object({
  charge: storable({ maxLength: 64, description: 'The id of the charge.' }),
  reason: Reason,
});

export const RefundReply = Type.Object(
  { user: Type.Integer(), tokens: Type.Integer(), tokens_after: Type.Integer() },
  { description: 'What was given back.' },
);

/** How much of something long a page of it has. */
export const SEARCHED =
  'Newest first. A search looks through so many at a time; while `has_more`, it can go on.';

export const ChatSearch = Type.Object({
  reason: Reason,
  user: Type.Optional(
    storable({
      maxLength: 100,
      description: 'Whose, by username or as `user:1`; everybody’s if not said.',
    }),
  ),
  q: Type.Optional(storable({ maxLength: 200, description: 'What was said or answered.' })),
  cursor: Cursor,
  limit: Limit,
});

export const ChatList = Type.Object(
  {
    chats: Type.Array(
      Type.Object({
        id: Type.String(),
        user: Type.Integer(),
        username: NullableString,
        model: Type.String(),
        message: Type.String(),
        response: NullableString,
        timestamp: Type.String(),
      }),
    ),
    searched_back_to: NullableString,
    ...paged,
  },
  { description: SEARCHED },
);
