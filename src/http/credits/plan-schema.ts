/** Plans as staff see and change them, and the plan of an account. */
import { Type } from 'typebox';
import { MAX_CREDITS } from '../../core/credits.ts';
import { NullableString, Reason, storable, text } from '../framework/common-schema.ts';
import { Limit, OpaqueCursor, paged } from '../framework/paging-schema.ts';
import { CalendarText, ShownCalendar } from './calendar-schema.ts';

/** As many as fit into a body of the default size. */
const MAX_ACCOUNTS = 10_000;
const MAX_HOURS = 24 * 365;

const Id = storable({ maxLength: 64, description: 'The id of a plan.' });
const NullableInteger = Type.Union([Type.Integer(), Type.Null()]);

export const PlanPath = Type.Object({
  id: Type.String({ maxLength: 64, description: 'The id of the plan.' }),
});

const PlanName = text({ maxLength: 60, description: 'In up to 60 characters.' });

const Allowance = Type.Integer({
  minimum: 1,
  maximum: MAX_CREDITS,
  description: 'Given for each period. What is left of it at the end expires.',
});

const Window = Type.Object({
  tokens: Type.Integer({ minimum: 0, maximum: MAX_CREDITS }),
  hours: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_HOURS,
      description: 'So many hours from the first use. Give this or a calendar.',
    }),
  ),
  calendar: Type.Optional(CalendarText),
});

const Windows = Type.Array(Window, {
  maxItems: 8,
  description: 'The most that an account with the plan may spend in a window of time, in each.',
});

const Models = Type.Union(
  [Type.Array(storable({ maxLength: 200 }), { minItems: 1, maxItems: 200 }), Type.Null()],
  { description: 'The models that an account with the plan pays for; null for all.' },
);

const PerMinute = Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000_000 }), Type.Null()]);

const From = Type.Optional(
  Type.Enum(['now', 'renewal'], {
    description: 'When it takes effect for an account; by default at its next renewal.',
  }),
);

const asked = {
  from: From,
  reason: Type.Optional(Reason),
  dry_run: Type.Optional(Type.Boolean({ description: 'Do nothing; tell what it would do.' })),
};

const fields = {
  name: PlanName,
  tokens: Allowance,
  calendar: CalendarText,
  windows: Type.Optional(Windows),
  models: Type.Optional(Models),
  requests_per_minute: Type.Optional(PerMinute),
  usage_per_minute: Type.Optional(PerMinute),
};

export const NewPlanBody = Type.Object({ ...fields, dry_run: asked.dry_run });

export const PlanReplacement = Type.Object({ ...fields, ...asked });

export const PlanChangeBody = Type.Object({
  name: Type.Optional(PlanName),
  tokens: Type.Optional(Allowance),
  calendar: Type.Optional(CalendarText),
  windows: Type.Optional(Windows),
  models: Type.Optional(Models),
  requests_per_minute: Type.Optional(PerMinute),
  usage_per_minute: Type.Optional(PerMinute),
  ...asked,
});

export const PlanEnd = Type.Object(asked);

const assigned = {
  ends_at: Type.Optional(
    Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'When it ends again, in ISO 8601; only for a plan that begins now.',
    }),
  ),
  ...asked,
};

export const UserPlanBody = Type.Object({
  plan: Type.Union([Id, Type.Null()], { description: 'Null ends the plan that the user has.' }),
  ...assigned,
});

export const PlanAccounts = Type.Object({
  accounts: Type.Array(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), {
    minItems: 1,
    maxItems: MAX_ACCOUNTS,
    description: 'Ids of users, and of the pools of groups.',
  }),
  ...assigned,
});

export const PlanQuery = Type.Object({
  ended: Type.Optional(Type.Enum(['true', 'false'])),
  cursor: OpaqueCursor,
  limit: Limit,
});

const ShownWindow = Type.Object({
  tokens: Type.Integer(),
  hours: Type.Optional(Type.Integer()),
  calendar: Type.Optional(ShownCalendar),
});

/** The part of a plan that everybody who has it may know. */
const shortPlan = {
  id: Type.String(),
  name: Type.String(),
  tokens: Type.Integer({ description: 'Given for each period.' }),
  calendar: ShownCalendar,
};

export const PlanReply = Type.Object(
  {
    ...shortPlan,
    windows: Type.Array(ShownWindow),
    models: Type.Union([Type.Array(Type.String()), Type.Null()]),
    requests_per_minute: NullableInteger,
    usage_per_minute: NullableInteger,
    created_at: Type.String(),
    ended_at: NullableString,
    next_renewal: Type.Union([Type.String(), Type.Null()], {
      description: 'When its present period ends, or its next one begins.',
    }),
    accounts: Type.Integer({ description: 'How many accounts have it.' }),
    progress: Type.Union(
      [
        Type.Object({
          accounts: Type.Integer(),
          done: Type.Integer({ description: 'How many of them are done.' }),
        }),
        Type.Null(),
      ],
      { description: 'While its accounts are being changed in the background: how far it is.' },
    ),
  },
  { description: 'A plan.' },
);

export const PlanList = Type.Object(
  { plans: Type.Array(PlanReply), ...paged },
  { description: 'A page of plans, newest first.' },
);

const effect = {
  done: Type.Boolean({
    description: 'False for a dry run, and while accounts are still being changed.',
  }),
  accounts: Type.Integer({ description: 'How many accounts it is about.' }),
  untouched: Type.Integer({
    description: 'How many more have the plan until a time that is set, and keep it until then.',
  }),
  tokens_expired: Type.Integer({ description: 'What expires at once.' }),
  tokens_given: Type.Integer({ description: 'What is given at once.' }),
  first_renewal: Type.Union([Type.String(), Type.Null()], {
    description: 'The earliest of the next renewals.',
  }),
  last_renewal: Type.Union([Type.String(), Type.Null()], {
    description: 'The latest of the next renewals.',
  }),
};

export const PlanEffectReply = Type.Object(effect, {
  description: 'What it did, or for a dry run would do, in numbers.',
});

export const PlanOutcomeReply = Type.Object(
  { plan: PlanReply, ...effect },
  { description: 'The plan, and what the action did, or for a dry run would do.' },
);

export const AccountPlan = Type.Union(
  [
    Type.Object({
      ...shortPlan,
      expiring: Type.Integer({ description: 'What of the balance ends with the allowance.' }),
      renews_at: Type.Union([Type.String(), Type.Null()], {
        description: 'When the rest expires and the next allowance is given.',
      }),
      ends_at: Type.Union([Type.String(), Type.Null()], {
        description: 'When the plan ends; null if no end is set.',
      }),
      next_plan: Type.Union([Type.Object(shortPlan), Type.Null()], {
        description: 'The plan that follows then.',
      }),
    }),
    Type.Null(),
  ],
  { description: 'The plan of the account, if it has one.' },
);

export const UserPlanReply = Type.Object(
  { plan: AccountPlan },
  { description: 'The plan of a user, if there is one.' },
);
