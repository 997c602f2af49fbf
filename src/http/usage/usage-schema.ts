/** What staff see of usage, models and settings. */
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
  from: Moment('The first moment; by the step if not said: a day, a month or a year ago.'),
  to: Moment('The last moment; now if not said, or if that is later.'),
};

export const UsageQuery = Type.Object({
  ...span,
  model: Type.Optional(storable({ maxLength: 200, description: 'One model only.' })),
  table: Type.Optional(
    Type.Union([Type.Literal('points'), Type.Literal('models')], {
      description: 'What a CSV file has; points if not said.',
    }),
  ),
  format: Format,
});

const sums = {
  messages: Count,
  failed: Count,
  charged: Type.Integer({ description: 'In tokens of balances.' }),
  refunded: Count,
  input: Type.Integer({ description: 'Model tokens that were read.' }),
  cached_input: Count,
  output: Type.Integer({ description: 'Model tokens that were written.' }),
  median_ms: Type.Union([Count, Type.Null()], {
    description: 'Half of the answers took no longer, to about a tenth.',
  }),
  p95_ms: Type.Union([Count, Type.Null()], {
    description: '95 of 100 answers took no longer, to about a tenth.',
  }),
};

export const Usage = Type.Object(
  {
    step: Step,
    as_of: Type.String({ description: 'All until then is in it.' }),
    points: Type.Array(Type.Object({ period: Type.String(), ...sums, users: MaybeCount }), {
      description: 'For every period, in UTC.',
    }),
    models: Type.Array(
      Type.Object({
        model: Type.String(),
        ...sums,
        shortfall: Type.Integer({ description: 'What answers cost beyond what was held.' }),
        cost: Type.Union([Count, Type.Null()], {
          description: 'What the provider took, by `providerPrice`; null if that is not given.',
        }),
        earned: Type.Union([Count, Type.Null()], {
          description: 'What was charged, without what was refunded and what the provider took.',
        }),
      }),
      { description: 'Every model that was used; those that were charged most come first.' },
    ),
    courses: Type.Array(
      Type.Object({
        model: Type.String(),
        messages: Type.Array(Count),
        charged: Type.Array(Count),
      }),
      {
        description:
          'The models that were charged most, and the one that was asked for: a number for each ' +
          'of `points`.',
      },
    ),
  },
  { description: 'What was used.' },
);

const userSums = { messages: Count, failed: Count, charged: Count, input: Count, output: Count };

export const TopUsersQuery = Type.Object({
  period: Type.Optional(
    Type.String({
      pattern: '^\\d{4}-\\d{2}(-\\d{2})?$',
      description: 'A month or a day, in UTC; this month if not said.',
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
  { description: 'The hundred users who were charged most.' },
);

export const UserUsageQuery = Type.Object({
  step: Type.Optional(Type.Union([Type.Literal('day'), Type.Literal('month')])),
  from: span.from,
  to: span.to,
});

export const UserUsagePath = AdminUserPath;

export const UserUsage = Type.Object(
  { points: Type.Array(Type.Object({ period: Type.String(), ...userSums })) },
  { description: 'What one user used.' },
);

const AdminPrice = Type.Object({
  per_message: Count,
  per_million_input: Count,
  per_million_cached_input: Count,
  per_million_output: Count,
});

const Health = Type.Object(
  {
    state: Type.Union([Type.Literal('answering'), Type.Literal('failing'), Type.Literal('quiet')]),
    messages: Count,
    failed: Count,
    median_ms: MaybeCount,
  },
  { description: 'Of the last hour or two.' },
);

export const AdminModels = Type.Object(
  {
    models: Type.Array(
      Type.Object({
        name: Type.String(),
        is_default: Type.Boolean(),
        provider: Type.Union([Type.String(), Type.Null()]),
        upstream: Type.Union([Type.String(), Type.Null()]),
        price: AdminPrice,
        provider_price: Type.Union([AdminPrice, Type.Null()]),
        output_limit: Count,
        context_limit: MaybeCount,
        fallbacks: Type.Array(Type.String()),
        allow: Type.Union([Type.String(), Type.Array(Type.String())]),
        health: Health,
      }),
    ),
    providers: Type.Array(
      Type.Object({
        name: Type.String(),
        wire: Type.String(),
        base_url: Type.String(),
        has_key: Type.Boolean(),
        health: Health,
      }),
    ),
  },
  { description: 'What is configured, and how it does.' },
);

export const AdminSettings = Type.Object(
  {
    settings: Type.Array(
      Type.Object({
        name: Type.String(),
        value: Type.Union([Type.String(), Type.Null()], { description: 'null if it is a secret.' }),
        source: Type.String(),
        default: Type.String(),
        meaning: Type.String(),
      }),
    ),
  },
  { description: 'Every setting that is in force.' },
);
