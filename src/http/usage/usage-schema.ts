import { Type } from 'typebox';
import { AdminUserPath } from '../accounts/managed-user-schema.ts';
import { storable } from '../framework/common-schema.ts';

const Count = Type.Integer();
const MaybeCount = Type.Union([Count, Type.Null()]);
const Format = Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('csv')]));
const Step = Type.Union([Type.Literal('hour'), Type.Literal('day'), Type.Literal('month')]);
const Moment = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', description }));

const span = {
  step: Type.Optional(Step),
  from: Moment('The start; by default a day, a month or a year ago, depending on `step`.'),
  to: Moment('The end; by default, and at most, now.'),
};

export const UsageQuery = Type.Object({
  ...span,
  model: Type.Optional(storable({ maxLength: 200, description: 'One model only.' })),
  table: Type.Optional(
    Type.Union([Type.Literal('points'), Type.Literal('models')], {
      description: 'The contents of a CSV file; by default `points`.',
    }),
  ),
  format: Format,
});

const sums = {
  messages: Count,
  failed: Count,
  charged: Type.Integer({ description: 'In tokens of the balance.' }),
  refunded: Count,
  input: Type.Integer({ description: 'Input tokens of models.' }),
  cached_input: Count,
  output: Type.Integer({ description: 'Output tokens of models.' }),
  median_ms: Type.Union([Count, Type.Null()], {
    description: 'The median time of a reply, accurate to about 10 %.',
  }),
  p95_ms: Type.Union([Count, Type.Null()], {
    description: 'The 95th percentile of the time of a reply, accurate to about 10 %.',
  }),
};

export const Usage = Type.Object(
  {
    step: Step,
    as_of: Type.String({ description: 'Usage up to this time is included.' }),
    points: Type.Array(Type.Object({ period: Type.String(), ...sums, users: MaybeCount }), {
      description: 'One for each period, in UTC.',
    }),
    models: Type.Array(
      Type.Object({
        model: Type.String(),
        ...sums,
        shortfall: Type.Integer({ description: 'What replies cost beyond their holds.' }),
        cost: Type.Union([Count, Type.Null()], {
          description:
            'About what the provider charged, by its present rates for text; null if neither ' +
            '`providerPrice` nor the catalogue says them.',
        }),
        earned: Type.Union([Count, Type.Null()], {
          description: '`charged` minus `refunded` and `cost`.',
        }),
      }),
      { description: 'Every model that was used, the most charged first.' },
    ),
    courses: Type.Array(
      Type.Object({
        model: Type.String(),
        messages: Type.Array(Count),
        charged: Type.Array(Count),
      }),
      {
        description:
          'The most charged models and, if one was requested, that model, with a number for each ' +
          'of `points`.',
      },
    ),
  },
  { description: 'Usage by period and by model.' },
);

const userSums = { messages: Count, failed: Count, charged: Count, input: Count, output: Count };

export const TopUsersQuery = Type.Object({
  period: Type.Optional(
    Type.String({
      pattern: '^\\d{4}-\\d{2}(-\\d{2})?$',
      description: 'A month or a day, in UTC; by default this month.',
      'x-message': 'Give a month such as 2026-11, or a day such as 2026-11-23.',
    }),
  ),
  format: Format,
});

export const TopUsers = Type.Object(
  {
    period: Type.String(),
    users: Type.Array(
      Type.Object({ id: Count, username: Type.Union([Type.String(), Type.Null()]), ...userSums }),
    ),
  },
  { description: 'The 100 users who were charged most.' },
);

export const UserUsageQuery = Type.Object({
  step: Type.Optional(Type.Union([Type.Literal('day'), Type.Literal('month')])),
  from: span.from,
  to: span.to,
});

export const UserUsagePath = AdminUserPath;

export const UserUsage = Type.Object(
  { points: Type.Array(Type.Object({ period: Type.String(), ...userSums })) },
  { description: 'The usage of one user.' },
);
