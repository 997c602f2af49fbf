/**
 * What staff may do with any group, and managers with those that they manage: the same routes under
 * two paths, which differ in how the group is looked up.
 */
import type { FastifyContextConfig, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import type { Context } from '../../app/context.ts';
import { readStatement } from '../../app/credits/read-statement.ts';
import { giveOut } from '../../app/groups/give-out.ts';
import { groupForManager, groupForStaff, poolOf } from '../../app/groups/group-access.ts';
import {
  addGroupBudget,
  changeGroupBudget,
  endGroupBudget,
  setMemberLimit,
  type WantedWindow,
} from '../../app/groups/group-budgets.ts';
import { readGroup, readMembers, readOwnGroups } from '../../app/groups/read-groups.ts';
import { readPoolPoints, readPoolUsers } from '../../app/usage/read-group-usage.ts';
import type { RouteScope } from '../../core/admin-scopes.ts';
import { invalidField } from '../../core/errors.ts';
import type { Group } from '../../store/groups/groups.ts';
import { namesOf } from '../accounts/usernames.ts';
import { calendarIn } from '../credits/calendars.ts';
import { shownLine } from '../credits/statement-routes.ts';
import { PoolStatement, StatementQuery } from '../credits/statement-schema.ts';
import { principalOf, staffWith, userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  IdempotencyHeaders,
  KeyReused,
  Nothing,
  READ_ERRORS,
  STAFF_BODY_ERRORS,
  STAFF_ERRORS,
  USER_ERRORS,
} from '../framework/common-schema.ts';
import { sendCsv } from '../framework/csv.ts';
import { keyOf, markReplayed } from '../framework/idempotency.ts';
import { isoTime } from '../framework/iso-time.ts';
import { cursorIn, cursorText, limitIn, nextPage } from '../framework/paging.ts';
import { spanIn } from '../usage/spans.ts';
import { isNameCursor } from './cursors.ts';
import {
  BudgetChange,
  BudgetPath,
  Gifts,
  Given,
  GroupBudget,
  GroupDetail,
  GroupPath,
  GroupUsage,
  GroupUsageQuery,
  MemberBudgetPath,
  MemberLimit,
  MemberList,
  MemberQuery,
  NewBudget,
  OwnGroups,
} from './group-schema.ts';
import { shownBudget, shownDetail, shownLeft, shownMember, shownPool } from './group-views.ts';

const security = [{ bearer: [] }];
const NotFound = { 404: detailed('Group not found.') };
const BudgetNotFound = { 404: detailed('Group, budget or member not found.') };
/** In a response; a file has more. */
const MOST_USERS = 200;
const MOST_USERS_IN_FILE = 20_000;
const USED = ['messages', 'charged', 'refunded', 'input', 'output'] as const;

/** Where the routes are, and which groups the requests may be about. */
interface Place {
  readonly base: '/api/admin/groups' | '/api/groups';
  readonly tags: string[];
  readonly config: (scope: RouteScope) => FastifyContextConfig;
  readonly groupFor: (request: FastifyRequest, id: string) => Promise<Group>;
}

/** Groups for those who look after them, and for their members. */
export function managedGroupRoutes(api: Api, context: Context): void {
  ownRoutes(api, context);
  const places: Place[] = [
    {
      base: '/api/admin/groups',
      tags: ['Admin: groups'],
      config: staffWith,
      groupFor: (_request, id) => groupForStaff(context, id),
    },
    {
      base: '/api/groups',
      tags: ['Groups'],
      config: () => ({ access: 'user' }),
      groupFor: (request, id) => groupForManager(context, userOf(request).id, id),
    },
  ];
  for (const place of places) {
    readRoutes(api, context, place);
    usageRoute(api, context, place);
    giveRoute(api, context, place);
    budgetRoutes(api, context, place);
  }
}

function ownRoutes(api: Api, context: Context): void {
  api.get('/api/groups/', {
    config: { access: 'user' },
    schema: {
      tags: ['Groups'],
      security,
      summary: 'List the groups that you are in, with what you may spend from their pools',
      response: { 200: OwnGroups, ...USER_ERRORS },
    },
    handler: async (request) => {
      const own = await readOwnGroups(context, userOf(request).id);
      return {
        groups: own.map(({ group, isManager, joinedAtMs, pool, budgets }) => ({
          id: group.id,
          name: group.name,
          is_manager: isManager,
          has_pool: group.poolId !== undefined,
          models: group.models ? [...group.models] : null,
          joined_at: isoTime(joinedAtMs),
          pool: pool ? shownPool(pool) : null,
          budgets: budgets.map(shownLeft),
        })),
      };
    },
  });
}

function readRoutes(api: Api, context: Context, { base, tags, config, groupFor }: Place): void {
  api.get(`${base}/:id/`, {
    config: config('groups:read'),
    schema: {
      tags,
      security,
      summary: 'Read a group',
      params: GroupPath,
      response: { 200: GroupDetail, ...NotFound, ...STAFF_ERRORS },
    },
    handler: async (request) =>
      shownDetail(await readGroup(context, await groupFor(request, request.params.id))),
  });

  api.get(`${base}/:id/members/`, {
    config: config('groups:read'),
    schema: {
      tags,
      security,
      summary: 'List the members of a group, with what they used and have left',
      params: GroupPath,
      querystring: MemberQuery,
      response: { 200: MemberList, ...NotFound, ...READ_ERRORS, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const group = await groupFor(request, request.params.id);
      const { q, cursor } = request.query;
      const after = cursorIn(cursor, isNameCursor('number'));
      const page = { search: q?.trim() || undefined, after, limit: limitIn(request.query) };
      const { items, last } = await context.heavyReads.run(principalOf(request).actor, () =>
        readMembers(context, group, page),
      );
      return {
        members: items.map(({ use }) => shownMember(use)),
        ...nextPage(last && cursorText(last.cursor)),
      };
    },
  });

  api.get(`${base}/:id/history/`, {
    config: config('credits:read'),
    schema: {
      tags,
      security,
      summary: 'Read the statement of the pool of a group: every transfer, newest first',
      params: GroupPath,
      querystring: StatementQuery,
      response: {
        200: PoolStatement,
        ...NotFound,
        409: detailed('The group has no pool.'),
        ...STAFF_ERRORS,
      },
    },
    handler: async (request) => {
      const pool = poolOf(await groupFor(request, request.params.id));
      const { cursor, limit } = request.query;
      const { lines, nextCursor } = await readStatement(context, pool, { cursor, limit });
      const userOfLine = (userId: number | null) => `user:${userId}`;
      const nameOf = await namesOf(
        context,
        lines.flatMap(({ actor, userId }) => [actor, userOfLine(userId)]),
      );
      return {
        results: lines.map((line) => ({
          ...shownLine(line),
          refunded: line.isRefunded,
          actor: line.actor,
          actor_name: nameOf(line.actor),
          user: line.userId,
          user_name: nameOf(userOfLine(line.userId)),
        })),
        ...nextPage(nextCursor),
      };
    },
  });
}

function usageRoute(api: Api, context: Context, { base, tags, config, groupFor }: Place): void {
  api.get(`${base}/:id/usage/`, {
    config: config('usage:read'),
    schema: {
      tags,
      security,
      summary: 'Read or download what was used from the pool of a group, by period and by member',
      params: GroupPath,
      querystring: GroupUsageQuery,
      response: { 200: GroupUsage, ...NotFound, ...READ_ERRORS, ...STAFF_ERRORS },
    },
    handler: async (request, reply) => {
      const group = await groupFor(request, request.params.id);
      const { step = 'day', table = 'members', format } = request.query;
      const span = spanIn(context, request.query, step);
      const isFile = format === 'csv';
      const read = <T>(work: () => Promise<T>) =>
        context.heavyReads.run(principalOf(request).actor, work);
      const wants = (it: typeof table) => !isFile || table === it;
      const points = wants('points')
        ? await read(() => readPoolPoints(context, group, { ...span, step }))
        : [];
      const most = isFile ? MOST_USERS_IN_FILE : MOST_USERS;
      const users = wants('members')
        ? await read(() => readPoolUsers(context, group, span, most))
        : [];
      const shownPoints = points.map(({ period, sums }) => ({ period, ...sums }));
      const members = users.map(({ userId, username, sums }) => ({
        id: userId,
        username: username ?? null,
        ...sums,
      }));
      if (!isFile) return { points: shownPoints, members };
      return table === 'points'
        ? sendCsv(reply, 'group-usage', ['period', ...USED], shownPoints)
        : sendCsv(reply, 'group-members', ['id', 'username', ...USED], members);
    },
  });
}

function giveRoute(api: Api, context: Context, { base, tags, config, groupFor }: Place): void {
  api.post(`${base}/:id/give/`, {
    config: config('credits:write'),
    schema: {
      tags,
      security,
      summary: 'Give tokens of the pool to members: to all of them or none',
      params: GroupPath,
      headers: IdempotencyHeaders,
      body: Gifts,
      response: {
        200: Given,
        ...NotFound,
        409: detailed('The group has no pool.'),
        422: KeyReused,
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const { to, reason } = request.body;
      const group = await groupFor(request, request.params.id);
      const { credits, isReplayed } = await giveOut(context, principalOf(request), group, {
        gifts: to.map(({ id, tokens }) => ({ userId: id, credits: tokens })),
        reason,
        idempotencyKey: keyOf(request),
      });
      markReplayed(reply, isReplayed);
      return { members: to.length, tokens: credits };
    },
  });
}

function budgetRoutes(api: Api, context: Context, { base, tags, config, groupFor }: Place): void {
  api.post(`${base}/:id/budgets/`, {
    config: config('groups:write'),
    schema: {
      tags,
      security,
      summary: 'Limit what each member may spend from the pool',
      params: GroupPath,
      body: NewBudget,
      response: {
        201: GroupBudget,
        ...NotFound,
        409: detailed('The group has ended, has no pool, or has as many budgets as it may have.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const { limit: limitCredits } = request.body;
      const group = await groupFor(request, request.params.id);
      const wanted = { limitCredits, window: windowIn(request.body) };
      const budget = await addGroupBudget(context, principalOf(request), group, wanted);
      return reply.code(201).send(shownBudget(budget));
    },
  });

  api.patch(`${base}/:id/budgets/:budget/`, {
    config: config('groups:write'),
    schema: {
      tags,
      security,
      summary: 'Change the limit of a budget',
      params: BudgetPath,
      body: BudgetChange,
      response: { 200: Nothing, ...BudgetNotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const { id: groupId, budget: id } = request.params;
      const group = await groupFor(request, groupId);
      const change = { id, limitCredits: request.body.limit };
      await changeGroupBudget(context, principalOf(request), group, change);
      return {};
    },
  });

  api.delete(`${base}/:id/budgets/:budget/`, {
    config: config('groups:write'),
    schema: {
      tags,
      security,
      summary: 'End a budget',
      params: BudgetPath,
      response: { 200: Nothing, ...BudgetNotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const { id: groupId, budget: id } = request.params;
      const group = await groupFor(request, groupId);
      await endGroupBudget(context, principalOf(request), group, id);
      return {};
    },
  });

  api.put(`${base}/:id/budgets/:budget/members/:user/`, {
    config: config('groups:write'),
    schema: {
      tags,
      security,
      summary: 'Give one member another limit than the others',
      params: MemberBudgetPath,
      body: MemberLimit,
      response: { 200: Nothing, ...BudgetNotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const { id: groupId, budget: id, user } = request.params;
      const group = await groupFor(request, groupId);
      const limitCredits = request.body.limit ?? undefined;
      const wanted = { id, userId: Number(user), limitCredits };
      await setMemberLimit(context, principalOf(request), group, wanted);
      return {};
    },
  });
}

/** @throws ChitError `invalid_fields` if it has two windows */
function windowIn({ hours, calendar }: Static<typeof NewBudget>): WantedWindow {
  if (hours != null && calendar != null) {
    const message = 'Give either hours or a calendar.';
    throw invalidField('hours', message, { code: 'invalid' });
  }
  if (hours != null) return { kind: 'hours', hours };
  return calendar == null ? { kind: 'none' } : { kind: 'calendar', calendar: calendarIn(calendar) };
}
