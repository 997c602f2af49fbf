import { Type } from 'typebox';
import { BookCursor, Limit } from '../framework/common-schema.ts';

export const Balance = Type.Object(
  { tokens: Type.Integer({ description: 'What can be spent now.' }) },
  { description: 'The balance, less what is put aside for replies that are being written.' },
);

export const Me = Type.Object(
  {
    id: Type.Integer(),
    username: Type.String(),
    is_staff: Type.Boolean(),
    is_superuser: Type.Boolean(),
    tokens: Type.Integer({ description: 'What can be spent now.' }),
    date_joined: Type.String({ format: 'date-time' }),
    staff_reads_chats: Type.Boolean({ description: 'Whether staff can look at what you write.' }),
  },
  { description: 'The account that the token belongs to.' },
);

const Count = Type.Union([Type.Integer(), Type.Null()]);

export const HistoryQuery = Type.Object({ cursor: BookCursor, limit: Limit });

/** A reason that the server gave, for clients to translate. */
export const ReasonCode = Type.Union([Type.Literal('opening_balance'), Type.Null()]);

const HistoryLine = Type.Object({
  id: Type.String(),
  kind: Type.Union([
    Type.Literal('grant'),
    Type.Literal('adjustment'),
    Type.Literal('charge'),
    Type.Literal('refund'),
  ]),
  amount: Type.Integer({ description: 'Tokens that came (positive) or went (negative).' }),
  balance_after: Type.Integer(),
  model: Type.Union([Type.String(), Type.Null()]),
  usage: Type.Union([
    Type.Object({
      input: Count,
      cached_input: Count,
      output: Count,
      source: Type.Union([Type.Literal('provider'), Type.Literal('counted'), Type.Literal('flat')]),
    }),
    Type.Null(),
  ]),
  reason: Type.Union([Type.String(), Type.Null()]),
  reason_code: ReasonCode,
  message_id: Type.Union([Type.String(), Type.Null()]),
  timestamp: Type.String({ description: 'When it was booked, in UTC.' }),
});

export const History = Type.Object(
  {
    results: Type.Array(HistoryLine),
    has_more: Type.Boolean(),
    next_cursor: Type.Union([Type.String(), Type.Null()]),
  },
  { description: 'Bookings of the account, newest first.' },
);
