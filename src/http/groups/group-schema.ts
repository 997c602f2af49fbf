/** Groups, their members, pools and budgets, as staff, managers and members see them. */
import { Type } from 'typebox';
import { MAX_CREDITS } from '../../core/credits.ts';
import { CalendarText, ShownCalendar } from '../credits/calendar-schema.ts';
import { AccountPlan } from '../credits/plan-schema.ts';
import { NullableString, Reason, storable, text } from '../framework/common-schema.ts';
import { Limit, OpaqueCursor, paged, Search } from '../framework/paging-schema.ts';

/** As many as fit into a body of the default size, with their entries in the audit log. */
const MAX_MEMBERS_AT_ONCE = 1_000;
const MAX_MODELS = 1_000;
const MAX_HOURS = 8_784;

const groupId = Type.String({ maxLength: 64, description: 'The id of the group.' });
const budgetId = Type.String({ maxLength: 64, description: 'The id of the budget.' });
const userId = Type.String({
  pattern: '^\\d{1,16}$',
  description: 'The id of the user.',
  'x-message': 'Give the id of a user, which is a number.',
});

export const GroupPath = Type.Object({ id: groupId });
export const BudgetPath = Type.Object({ id: groupId, budget: budgetId });
export const MemberPath = Type.Object({ id: groupId, user: userId });
export const MemberBudgetPath = Type.Object({ id: groupId, budget: budgetId, user: userId });

const Models = Type.Union([Type.Array(Type.String()), Type.Null()], {
  description: 'What its pool pays for; null for all models.',
});
const NewModels = Type.Array(storable({ maxLength: 200 }), { minItems: 1, maxItems: MAX_MODELS });
const Name = text({ maxLength: 100, description: 'Up to 100 characters.' });
const Tokens = Type.Integer({ minimum: 0, maximum: MAX_CREDITS });

const Pool = Type.Union(
  [
    Type.Object({
      tokens: Type.Integer({ description: 'Available to spend.' }),
      held: Type.Integer({ description: 'Held for replies in progress.' }),
      expiring: Type.Integer({ description: 'What of it ends with its allowance.' }),
      to_give: Type.Integer({
        description: 'What of it can be given out: what is not held and does not end.',
      }),
      plan: Type.Union([
        Type.Object({ id: Type.String(), name: Type.String(), renews_at: NullableString }),
        Type.Null(),
      ]),
    }),
    Type.Null(),
  ],
  { description: 'The account that pays for its members, if it has one.' },
);

export const Group = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    models: Models,
    members: Type.Integer(),
    account: Type.Union([Type.Integer(), Type.Null()], { description: 'The id of its pool.' }),
    pool: Pool,
    created_at: Type.String(),
    ended_at: NullableString,
  },
  { description: 'A group.' },
);

const Hours = Type.Integer({ minimum: 1, maximum: MAX_HOURS, description: 'From first use.' });

/** The time in which charges add up: for ever if both are null. */
const window = {
  hours: Type.Union([Type.Integer(), Type.Null()]),
  calendar: Type.Union([ShownCalendar, Type.Null()]),
};

export const GroupBudget = Type.Object(
  { id: Type.String(), limit: Type.Integer(), ...window },
  { description: 'What each member may spend from the pool.' },
);

const MemberBudget = Type.Object({
  id: Type.String(),
  limit: Type.Integer(),
  is_own: Type.Boolean({ description: 'Whether the limit is of this member alone.' }),
  spent: Type.Integer(),
  held: Type.Integer(),
  left: Type.Integer(),
  ...window,
  renews_at: NullableString,
});

export const GroupQuery = Type.Object({
  q: Search('Text in the name.'),
  state: Type.Optional(Type.Union([Type.Literal('active'), Type.Literal('ended')])),
  cursor: OpaqueCursor,
  limit: Limit,
});

export const GroupList = Type.Object(
  { groups: Type.Array(Group), ...paged },
  { description: 'A page of groups, in the order of their names.' },
);

export const GroupDetail = Type.Object(
  { group: Group, budgets: Type.Array(GroupBudget), plan: AccountPlan },
  { description: 'A group with its budgets.' },
);

export const NewGroup = Type.Object({
  name: Name,
  has_pool: Type.Optional(
    Type.Boolean({ description: 'Whether it has an account that pays for its members.' }),
  ),
  models: Type.Optional(NewModels),
});

export const GroupChange = Type.Object({
  name: Type.Optional(Name),
  models: Type.Optional(Type.Union([NewModels, Type.Null()])),
});

export const GroupEnding = Type.Object({ reason: Type.Optional(Reason) });

export const MemberQuery = Type.Object({
  q: Search('Text in the username.'),
  cursor: OpaqueCursor,
  limit: Limit,
});

const used = {
  messages: Type.Integer(),
  charged: Type.Integer({ description: 'In tokens of the balance.' }),
  refunded: Type.Integer(),
};

export const MemberList = Type.Object(
  {
    members: Type.Array(
      Type.Object({
        id: Type.Integer(),
        username: Type.String(),
        is_active: Type.Boolean(),
        is_manager: Type.Boolean(),
        joined_at: Type.String(),
        this_month: Type.Object(used, { description: 'Used from the pool since the 1st, UTC.' }),
        budgets: Type.Array(MemberBudget),
      }),
    ),
    ...paged,
  },
  { description: 'A page of members, in the order of their names.' },
);

export const NewMembers = Type.Object({
  users: Type.Array(
    Type.Object({
      username: Type.Optional(storable({ maxLength: 50 })),
      id: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
    }),
    {
      minItems: 1,
      maxItems: MAX_MEMBERS_AT_ONCE,
      description: 'Users by username, id or both.',
    },
  ),
  is_manager: Type.Optional(Type.Boolean()),
});

export const RemovedMembers = Type.Object({
  ids: Type.Array(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), {
    minItems: 1,
    maxItems: MAX_MEMBERS_AT_ONCE,
  }),
});

export const MemberChange = Type.Object({ is_manager: Type.Boolean() });

export const Added = Type.Object(
  { added: Type.Integer({ description: 'Without those who were in it before.' }) },
  { description: 'All of them are in the group.' },
);

export const Removed = Type.Object(
  { removed: Type.Integer() },
  { description: 'None of them is in the group.' },
);

export const NewBudget = Type.Object({
  limit: Tokens,
  hours: Type.Optional(Type.Union([Hours, Type.Null()])),
  calendar: Type.Optional(Type.Union([CalendarText, Type.Null()])),
});
export const BudgetChange = Type.Object({ limit: Tokens });
export const MemberLimit = Type.Object({
  limit: Type.Union([Tokens, Type.Null()], { description: 'null for that of all members.' }),
});

export const PoolGrant = Type.Object({
  tokens: Type.Integer({
    minimum: -MAX_CREDITS,
    maximum: MAX_CREDITS,
    description: 'Negative to take tokens away; not 0.',
  }),
  reason: Reason,
});

export const PoolGranted = Type.Object(
  { tokens_after: Type.Integer({ description: 'The balance of the pool.' }) },
  { description: 'What was booked.' },
);

export const Gifts = Type.Object({
  to: Type.Array(
    Type.Object({
      id: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      tokens: Type.Integer({ minimum: 1, maximum: MAX_CREDITS }),
    }),
    { minItems: 1, maxItems: MAX_MEMBERS_AT_ONCE, description: 'Members, each at most once.' },
  ),
  reason: Reason,
});

export const Given = Type.Object(
  { members: Type.Integer(), tokens: Type.Integer({ description: 'The sum.' }) },
  { description: 'What was given to all of them.' },
);

export const GroupUsageQuery = Type.Object({
  step: Type.Optional(Type.Union([Type.Literal('day'), Type.Literal('month')])),
  from: Type.Optional(
    Type.String({ format: 'date-time', description: 'The start; by default 29 days ago.' }),
  ),
  to: Type.Optional(
    Type.String({ format: 'date-time', description: 'The end; by default, and at most, now.' }),
  ),
  table: Type.Optional(
    Type.Union([Type.Literal('points'), Type.Literal('members')], {
      description: 'The contents of a CSV file; by default `members`.',
    }),
  ),
  format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('csv')])),
});

const usedInSpan = {
  ...used,
  input: Type.Integer({ description: 'Input tokens of models.' }),
  output: Type.Integer({ description: 'Output tokens of models.' }),
};

export const GroupUsage = Type.Object(
  {
    points: Type.Array(Type.Object({ period: Type.String(), ...usedInSpan }), {
      description: 'One for each period, in UTC.',
    }),
    members: Type.Array(
      Type.Object({ id: Type.Integer(), username: NullableString, ...usedInSpan }),
      { description: 'Who used the pool, also who has left since; the most charged first.' },
    ),
  },
  { description: 'What was used from the pool of the group.' },
);

export const GroupsUsageQuery = Type.Object({
  from: GroupUsageQuery.properties.from,
  to: GroupUsageQuery.properties.to,
  format: GroupUsageQuery.properties.format,
});

export const GroupsUsage = Type.Object(
  {
    groups: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        users: Type.Integer({ description: 'How many of its members used it.' }),
        ...usedInSpan,
      }),
    ),
  },
  { description: 'What was used from the pools of groups, the most charged first.' },
);

export const OwnGroups = Type.Object(
  {
    groups: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        is_manager: Type.Boolean(),
        has_pool: Type.Boolean(),
        models: Models,
        joined_at: Type.String(),
        pool: { ...Pool, description: 'Its pool, for those who manage it.' },
        budgets: Type.Array(MemberBudget, { description: 'What you may spend from its pool.' }),
      }),
    ),
  },
  { description: 'The groups that you are in.' },
);

export const GroupsOfUser = Type.Object(
  {
    groups: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        is_manager: Type.Boolean(),
        joined_at: Type.String(),
      }),
    ),
  },
  { description: 'The groups that the user is in.' },
);
