/** Vouchers, as staff make them and users redeem them. */
import { Type } from 'typebox';
import { MAX_CODES, MAX_PLAN_DAYS, MAX_USES } from '../../app/vouchers/make-vouchers.ts';
import { MAX_CREDITS } from '../../core/credits.ts';
import { NullableString, Reason, storable, text } from '../framework/common-schema.ts';
import { cursor, ID_PATTERN, Limit, paged } from '../framework/paging-schema.ts';

const NullableInteger = Type.Union([Type.Integer(), Type.Null()]);

export const TypedCode = Type.Object({
  code: storable({
    maxLength: 200,
    description:
      '16 letters and digits. Case, spaces and dashes do not matter; O is read as 0, I and L as 1.',
  }),
});

export const Redeemed = Type.Object(
  {
    name: Type.String({ description: 'Of its batch, as the statement shows it.' }),
    tokens: Type.Integer({
      description: 'Added to the balance; for a plan, its first allowance.',
    }),
    plan: Type.Union([
      Type.Object({
        name: Type.String(),
        until: NullableString,
      }),
      Type.Null(),
    ]),
    tokens_after: Type.Integer({ description: 'What you can spend now.' }),
  },
  { description: 'What the voucher gave.' },
);

export const BatchPath = Type.Object({
  id: Type.String({ maxLength: 64, description: 'The id of the batch.' }),
});

export const BatchQuery = Type.Object({ cursor: cursor(`^${ID_PATTERN}$`), limit: Limit });

export const NewBatch = Type.Object({
  name: text({ maxLength: 100, description: 'Shown in statements and on the sheet.' }),
  tokens: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_CREDITS, description: 'What each code gives.' }),
  ),
  plan: Type.Optional(
    storable({ maxLength: 100, description: 'Instead of tokens, the name of a plan.' }),
  ),
  days: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_PLAN_DAYS,
      description: 'How long the plan is given.',
    }),
  ),
  expires_at: Type.Optional(
    Type.String({ format: 'date-time', description: 'Until when codes can be redeemed.' }),
  ),
  codes: Type.Integer({ minimum: 1, maximum: MAX_CODES, description: 'How many codes.' }),
  uses_per_code: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_USES,
      description: 'How often each code can be redeemed, by different or the same users; 1.',
    }),
  ),
  uses_per_user: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_USES,
      description: 'How many times one user can redeem codes of this batch; 1.',
    }),
  ),
});

const batch = {
  id: Type.String(),
  name: Type.String(),
  tokens: NullableInteger,
  plan: NullableString,
  days: NullableInteger,
  expires_at: NullableString,
  codes: Type.Integer(),
  uses_per_code: Type.Integer(),
  uses_per_user: Type.Integer(),
  redeemed: Type.Integer({ description: 'How often its codes were redeemed, together.' }),
  made_by: Type.String(),
  made_by_name: NullableString,
  created_at: Type.String(),
  ended_at: NullableString,
};

export const Batch = Type.Object(batch, { description: 'A batch of vouchers.' });

export const BatchDetail = Type.Object(
  {
    ...batch,
    used_codes: Type.Integer({ description: 'How many codes were redeemed at least once.' }),
  },
  { description: 'A batch of vouchers, and how many of its codes are used.' },
);

export const BatchList = Type.Object(
  { batches: Type.Array(Batch), ...paged },
  { description: 'Batches of vouchers, newest first.' },
);

export const CodesQuery = Type.Object({
  cursor: cursor('^\\d{1,5}$'),
  limit: Limit,
  format: Type.Optional(
    Type.Union([Type.Literal('json'), Type.Literal('csv')], {
      description: '`csv` for all codes as a file.',
    }),
  ),
  sheet: Type.Optional(
    Type.Literal('1', {
      description: 'All codes at once, to be printed; the audit log says who did.',
    }),
  ),
});

export const CodeList = Type.Object(
  {
    codes: Type.Array(
      Type.Object({
        number: Type.Integer({ description: 'Counts the codes of the batch, from 1.' }),
        code: Type.Union([Type.String(), Type.Null()], {
          description:
            'Only where they are to be printed. Without that, `hint` tells one from another.',
        }),
        hint: Type.Union([Type.String(), Type.Null()], {
          description: 'Its last four characters; null if the secret key was changed since.',
        }),
        uses: Type.Integer(),
        redeemed_by: Type.Array(
          Type.Object({ id: Type.Integer(), username: NullableString, at: Type.String() }),
          { description: 'The newest twenty.' },
        ),
      }),
    ),
    ...paged,
  },
  { description: 'The codes of a batch by number, and who redeemed them.' },
);

export const BatchEnd = Type.Object({ reason: Type.Optional(Reason) });
