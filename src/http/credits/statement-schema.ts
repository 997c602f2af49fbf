import { Type } from 'typebox';
import { NullableString, storable } from '../framework/common-schema.ts';
import { Limit, paged, StatementCursor } from '../framework/paging-schema.ts';

export const StatementQuery = Type.Object({ cursor: StatementCursor, limit: Limit });

export const OwnStatementQuery = Type.Object({
  cursor: StatementCursor,
  limit: Limit,
  account: Type.Optional(
    storable({
      maxLength: 100,
      description:
        'The id of a group: what its pool has paid for you, with the balance of the pool. A page ' +
        'looks at a limited number of entries. By default your own account, as with `personal`.',
    }),
  ),
});

const NullableCount = Type.Union([Type.Integer(), Type.Null()]);

const Kind = Type.Union([
  Type.Literal('grant'),
  Type.Literal('adjustment'),
  Type.Literal('charge'),
  Type.Literal('refund'),
  Type.Literal('allowance'),
  Type.Literal('expiry'),
  Type.Literal('voucher'),
]);

const ReasonCode = Type.Union([Type.Literal('opening_balance'), Type.Null()], {
  description: 'The code of a reason that the server gave, for clients to translate.',
});

const Usage = Type.Union(
  [
    Type.Object({
      input: NullableCount,
      cached_input: NullableCount,
      output: NullableCount,
      units: Type.Optional(
        Type.Record(Type.String(), Type.Integer(), {
          description:
            'All of it by unit, if it is more than tokens of text. `input` here is what was ' +
            'neither read from a cache nor written to it.',
        }),
      ),
      tier: Type.Optional(
        Type.String({ description: 'The service tier, if it is not the standard one.' }),
      ),
      answers: Type.Optional(
        Type.Integer({ description: 'How many answers were given, if more than one.' }),
      ),
      unpriced: Type.Optional(
        Type.Record(Type.String(), Type.Integer(), {
          description: 'What had no price and cost nothing: by unit, and `tier:NAME`.',
        }),
      ),
      source: Type.Union([Type.Literal('provider'), Type.Literal('counted'), Type.Literal('flat')]),
    }),
    Type.Null(),
  ],
  { description: 'What a charge is for; null for other transfers.' },
);

const line = {
  id: Type.String(),
  kind: Kind,
  amount: Type.Integer({ description: 'Tokens added (positive) or taken (negative).' }),
  balance_after: Type.Integer(),
  model: NullableString,
  reason: NullableString,
  voucher: Type.Union([Type.String(), Type.Null()], {
    description: 'The name of the vouchers of which one gave it.',
  }),
  reason_code: ReasonCode,
  purpose: Type.Union([Type.Literal('title'), Type.Null()], {
    description: '`title` for the charge of a title that a model made; null for any other line.',
  }),
  round: Type.Union([Type.Integer(), Type.Null()], {
    description:
      'Which round of its message it is, from 1; null if its model called no tools, or the chat ' +
      'was deleted.',
  }),
  usage: Usage,
  timestamp: Type.String({ description: 'When it was booked, in UTC.' }),
};

export const History = Type.Object(
  {
    results: Type.Array(
      Type.Object({
        ...line,
        message_id: NullableString,
        conversation: Type.Union(
          [Type.Object({ id: Type.String(), title: Type.String() }), Type.Null()],
          { description: 'The conversation of the message, while there is one.' },
        ),
      }),
    ),
    ...paged,
  },
  { description: 'The transfers of your account, newest first.' },
);

export const AdminStatement = Type.Object(
  {
    results: Type.Array(
      Type.Object({
        ...line,
        refunded: Type.Boolean({ description: 'Whether this charge was refunded.' }),
        actor: Type.String(),
        actor_name: NullableString,
      }),
    ),
    ...paged,
  },
  { description: 'The transfers of the account, newest first, with who made them.' },
);

export const PoolStatement = Type.Object(
  {
    results: Type.Array(
      Type.Object({
        ...line,
        refunded: Type.Boolean({ description: 'Whether this charge was refunded.' }),
        actor: Type.String(),
        actor_name: NullableString,
        user: { ...NullableCount, description: 'Who used it, for a charge.' },
        user_name: NullableString,
      }),
    ),
    ...paged,
  },
  { description: 'The transfers of a pool, newest first, with who made or used them.' },
);
