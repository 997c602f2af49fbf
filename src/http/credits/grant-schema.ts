import { Type } from 'typebox';
import { MAX_CREDITS } from '../../core/credits.ts';
import { NullableString, Reason, storable } from '../framework/common-schema.ts';

/** As many as fit into a body of the default size. */
const MAX_GRANTS = 10_000;

export const NewGrants = Type.Object({
  to: Type.Array(
    Type.Object({
      username: Type.Optional(storable({ maxLength: 50 })),
      id: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
      tokens: Type.Integer({
        minimum: -MAX_CREDITS,
        maximum: MAX_CREDITS,
        description: 'Negative to take tokens away.',
      }),
    }),
    {
      minItems: 1,
      maxItems: MAX_GRANTS,
      description: 'Users by username, id or both, each at most once.',
    },
  ),
  reason: Reason,
  dry_run: Type.Optional(
    Type.Boolean({ description: 'Book nothing; return what would be booked.' }),
  ),
});

const NullableInteger = Type.Union([Type.Integer(), Type.Null()]);

export const GrantsPlan = Type.Object(
  {
    booked: Type.Boolean(),
    accounts: Type.Integer({ description: 'The number of accounts.' }),
    tokens: Type.Integer({ description: 'The sum.' }),
    rows: Type.Array(
      Type.Object({
        id: NullableInteger,
        username: NullableString,
        tokens: Type.Integer(),
        tokens_before: NullableInteger,
        tokens_after: NullableInteger,
        problem: NullableString,
        problem_code: Type.Union([
          Type.Enum([
            'account_unknown',
            'balance_limit',
            'insufficient_credits',
            'named_twice',
            'nothing',
            'untouchable',
          ]),
          Type.Null(),
        ]),
      }),
      { description: 'For a dry run: the balance of each account, and why it cannot be changed.' },
    ),
  },
  { description: 'What was booked, or for a dry run what would be.' },
);

export const NewRefund = Type.Object({
  charge: storable({ maxLength: 64, description: 'The id of the charge.' }),
  reason: Reason,
});

export const RefundReply = Type.Object(
  {
    user: Type.Union([Type.Integer(), Type.Null()], {
      description: 'The user whose account it went back to; null if it was a pool.',
    }),
    group: Type.Optional(
      Type.String({ description: 'The group whose pool it went back to, if it was one.' }),
    ),
    tokens: Type.Integer(),
    tokens_after: Type.Integer(),
  },
  { description: 'What was refunded.' },
);
