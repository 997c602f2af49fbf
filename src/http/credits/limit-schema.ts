import { Type } from 'typebox';
import { LIMIT_WINDOWS } from '../../app/credits/user-limits.ts';
import { MAX_CREDITS } from '../../core/credits.ts';
import { NullableString, Reason, storable } from '../framework/common-schema.ts';

const AccountName = Type.String({ description: '`personal`, or the id of a group for its pool.' });
const RenewsAt = Type.Union([Type.String(), Type.Null()], {
  description: 'When it renews, in UTC; null for never.',
});

const Window = Type.Object(
  {
    kind: Type.Enum(['none', 'hours', 'day', 'week', 'month', 'term']),
    hours: Type.Union([Type.Integer(), Type.Null()], {
      description: 'For `hours`: how many, from the first use.',
    }),
    time_zone: NullableString,
  },
  { description: 'In what time spending adds up.' },
);

const Account = Type.Object({
  id: AccountName,
  name: Type.Union([Type.String(), Type.Null()], { description: 'Of the group.' }),
  tokens: Type.Integer({ description: 'What you can spend of it now, within all limits.' }),
  available: Type.Integer({ description: 'The balance, minus what is held.' }),
  held: Type.Integer({ description: 'Held for replies in progress.' }),
  expiring: Type.Integer({ description: 'The part of the balance that ends when it renews.' }),
  plan: Type.Union([
    Type.Object({
      name: Type.String(),
      tokens: Type.Integer({ description: 'What it gives in each period.' }),
      window: Window,
      ends_at: NullableString,
      next: Type.Union([Type.String(), Type.Null()], { description: 'The plan that follows.' }),
    }),
    Type.Null(),
  ]),
  renews_at: RenewsAt,
  models: Type.Union([Type.Array(Type.String()), Type.Null()], {
    description: 'The models that it pays for; null for all.',
  }),
});

const Limit = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['key', 'member', 'plan', 'user', 'own'], {
    description:
      '`key`: of an API key; `member`: of a group, for each member; `plan`: of the plan of an ' +
      'account; `user`: set by staff; `own`: set by the user.',
  }),
  account: Type.Union([AccountName, Type.Null()], {
    description: 'The account that it is about; null for all.',
  }),
  key: Type.Union([Type.Object({ id: Type.String(), name: Type.String() }), Type.Null()]),
  limit: Type.Integer(),
  spent: Type.Integer(),
  held: Type.Integer(),
  left: Type.Integer(),
  window: Window,
  renews_at: RenewsAt,
});

export const LimitsReply = Type.Object(
  {
    tokens: Type.Integer({ description: 'What can be spent now; as GET /api/tokens/.' }),
    payer: AccountName,
    accounts: Type.Array(Account, { description: 'In the order in which they pay.' }),
    limits: Type.Array(Limit),
  },
  { description: 'Every account that may pay and every limit that applies, at one moment.' },
);

const fields = {
  tokens: Type.Integer({ minimum: 0, maximum: MAX_CREDITS, description: 'The most to be spent.' }),
  window: Type.Enum([...LIMIT_WINDOWS], {
    description: 'In each calendar day, week (from Monday) or month; `none`: in all.',
  }),
  time_zone: Type.Optional(
    storable({
      maxLength: 64,
      description: 'Where days begin, as in `Europe/Berlin`; UTC by default.',
    }),
  ),
};

export const OwnLimit = Type.Object(fields);
export const StaffLimit = Type.Object({ ...fields, reason: Reason });
export const EndedLimit = Type.Object({ reason: Reason });
