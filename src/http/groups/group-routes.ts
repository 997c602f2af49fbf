/** Groups for staff: everything about them. */

import { userWith } from '../../app/accounts/manage-users.ts';
import type { Context } from '../../app/context.ts';
import { grantToPool } from '../../app/groups/give-out.ts';
import { groupForStaff } from '../../app/groups/group-access.ts';
import {
  addMembers,
  changeGroup,
  createGroup,
  endGroup,
  removeMembers,
  setManager,
} from '../../app/groups/manage-groups.ts';
import { assignPlanToPool } from '../../app/groups/pool-plan.ts';
import { readGroup } from '../../app/groups/read-groups.ts';
import { invalidField } from '../../core/errors.ts';
import { pageOf, rowsForPage } from '../../core/page.ts';
import { AdminUserPath } from '../accounts/managed-user-schema.ts';
import { PlanEffectReply, UserPlanBody } from '../credits/plan-schema.ts';
import { shownEffect } from '../credits/shown-plans.ts';
import { principalOf, staffWith } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  IdempotencyHeaders,
  KeyReused,
  Nothing,
  READ_ERRORS,
  STAFF_BODY_ERRORS,
  STAFF_ERRORS,
} from '../framework/common-schema.ts';
import { sendCsv } from '../framework/csv.ts';
import { requireProofToGive, requireProofToGivePlan } from '../framework/fresh-proof.ts';
import { keyOf, markReplayed } from '../framework/idempotency.ts';
import { isoTime } from '../framework/iso-time.ts';
import { cursorIn, cursorText, limitIn, nextPage } from '../framework/paging.ts';
import { spanIn } from '../usage/spans.ts';
import { isNameCursor } from './cursors.ts';
import {
  Added,
  GroupChange,
  GroupDetail,
  GroupEnding,
  GroupList,
  GroupPath,
  GroupQuery,
  GroupsOfUser,
  GroupsUsage,
  GroupsUsageQuery,
  MemberChange,
  MemberPath,
  NewGroup,
  NewMembers,
  PoolGrant,
  PoolGranted,
  Removed,
  RemovedMembers,
} from './group-schema.ts';
import { shownDetail, shownGroup } from './group-views.ts';

const tags = ['Admin: groups'];
const security = [{ bearer: [] }];
const NotFound = { 404: detailed('Group not found.') };
const Conflict = { 409: detailed('The group has ended, or another one has the name.') };
/** In a response; a file has more. */
const MOST_IN_REPORT = 200;
const MOST_IN_FILE = 20_000;
const COLUMNS = [
  'id',
  'name',
  'users',
  'messages',
  'charged',
  'refunded',
  'input',
  'output',
] as const;
/** No user is in more than so many that are shown. */
const MOST_GROUPS = 200;

/** Groups, for staff to see and change. */
export function groupRoutes(api: Api, context: Context): void {
  listRoutes(api, context);
  usageRoute(api, context);
  changeRoutes(api, context);
  planRoute(api, context);
  memberRoutes(api, context);
}

function listRoutes(api: Api, context: Context): void {
  api.get('/api/admin/groups/', {
    config: staffWith('groups:read'),
    schema: {
      tags,
      security,
      summary: 'List groups',
      querystring: GroupQuery,
      response: { 200: GroupList, ...READ_ERRORS, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const { q, state = 'active', cursor } = request.query;
      const limit = limitIn(request.query);
      const after = cursorIn(cursor, isNameCursor('string'));
      const query = { search: q?.trim() || undefined, state, after, limit: rowsForPage(limit) };
      const found = await context.heavyReads.run(principalOf(request).actor, () =>
        context.groupLists.page(query),
      );
      const { items, last } = pageOf(found, limit);
      return {
        groups: items.map(({ group }) => shownGroup(group)),
        ...nextPage(last && cursorText(last.cursor)),
      };
    },
  });

  api.get('/api/admin/users/:id/groups/', {
    config: staffWith('groups:read'),
    schema: {
      tags,
      security,
      summary: 'List the groups of a user',
      params: AdminUserPath,
      response: { 200: GroupsOfUser, 404: detailed('User not found.'), ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const user = await userWith(context, Number(request.params.id));
      const memberships = await context.groups.ofUser(user.id, MOST_GROUPS);
      return {
        groups: memberships.map(({ group, isManager, joinedAtMs }) => ({
          id: group.id,
          name: group.name,
          is_manager: isManager,
          joined_at: isoTime(joinedAtMs),
        })),
      };
    },
  });
}

function usageRoute(api: Api, context: Context): void {
  api.get('/api/admin/usage/groups/', {
    config: staffWith('usage:read'),
    schema: {
      tags,
      security,
      summary: 'Read or download what was used from the pools of groups',
      querystring: GroupsUsageQuery,
      response: { 200: GroupsUsage, ...READ_ERRORS, ...STAFF_ERRORS },
    },
    handler: async (request, reply) => {
      const span = spanIn(context, request.query, 'day');
      const isFile = request.query.format === 'csv';
      const used = await context.heavyReads.run(principalOf(request).actor, () =>
        context.groupUsage.byGroup(span, isFile ? MOST_IN_FILE : MOST_IN_REPORT),
      );
      const groups = used.map(({ groupId: id, name, users, sums }) => ({
        id,
        name,
        users,
        ...sums,
      }));
      return isFile ? sendCsv(reply, 'groups', COLUMNS, groups) : { groups };
    },
  });
}

function changeRoutes(api: Api, context: Context): void {
  api.post('/api/admin/groups/', {
    config: staffWith('groups:write'),
    schema: {
      tags,
      security,
      summary: 'Create a group',
      body: NewGroup,
      response: { 201: GroupDetail, ...Conflict, ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const { name, has_pool: hasPool = true, models } = request.body;
      const wanted = { name, hasPool, models };
      const group = await createGroup(context, principalOf(request), wanted);
      return reply.code(201).send(shownDetail(await readGroup(context, group)));
    },
  });

  api.patch('/api/admin/groups/:id/', {
    config: staffWith('groups:write'),
    schema: {
      tags,
      security,
      summary: 'Rename a group, or set the models that its pool pays for',
      params: GroupPath,
      body: GroupChange,
      response: { 200: GroupDetail, ...NotFound, ...Conflict, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const { id } = request.params;
      const group = await changeGroup(context, principalOf(request), id, request.body);
      return shownDetail(await readGroup(context, group));
    },
  });

  api.post('/api/admin/groups/:id/end/', {
    config: staffWith('groups:write'),
    schema: {
      tags,
      security,
      summary: 'End a group: its pool pays no more, and keeps what it has until it is moved',
      params: GroupPath,
      body: GroupEnding,
      response: { 200: GroupDetail, ...NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const { id } = request.params;
      const group = await endGroup(context, principalOf(request), id, request.body.reason);
      return shownDetail(await readGroup(context, group));
    },
  });

  api.post('/api/admin/groups/:id/grant/', {
    config: staffWith('credits:write'),
    schema: {
      tags,
      security,
      summary: 'Add tokens to the pool of a group, or take some away',
      params: GroupPath,
      headers: IdempotencyHeaders,
      body: PoolGrant,
      response: {
        200: PoolGranted,
        ...NotFound,
        409: detailed('The group has no pool.'),
        422: KeyReused,
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const { tokens, reason } = request.body;
      const fault = { code: 'invalid' } as const;
      if (tokens === 0) throw invalidField('tokens', 'The amount is 0.', fault);
      await requireProofToGive(context, request, tokens);
      const group = await groupForStaff(context, request.params.id);
      const granted = await grantToPool(context, principalOf(request), group, {
        credits: tokens,
        reason,
        idempotencyKey: keyOf(request),
      });
      markReplayed(reply, granted.isReplayed);
      return { tokens_after: granted.balanceCredits };
    },
  });
}

function planRoute(api: Api, context: Context): void {
  api.post('/api/admin/groups/:id/plan/', {
    config: staffWith('plans:write'),
    schema: {
      tags,
      security,
      summary: 'Give the pool of a group a plan, or end the one that it has',
      params: GroupPath,
      headers: IdempotencyHeaders,
      body: UserPlanBody,
      response: {
        200: PlanEffectReply,
        404: detailed('Group or plan not found.'),
        409: detailed('The group has ended or has no pool, or the plan has ended.'),
        422: KeyReused,
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const { plan, from = 'renewal', ends_at: endsAt, dry_run: isDryRun = false } = request.body;
      const group = await groupForStaff(context, request.params.id);
      const given = { planId: plan, accounts: 1 };
      if (!isDryRun) await requireProofToGivePlan(context, request, given);
      const { effect, isReplayed } = await assignPlanToPool(context, principalOf(request), group, {
        planId: plan ?? undefined,
        from,
        endsAtMs: endsAt == null ? undefined : Date.parse(endsAt),
        isDryRun,
        reason: request.body.reason,
        idempotencyKey: keyOf(request),
      });
      markReplayed(reply, isReplayed);
      return shownEffect(effect, !isDryRun);
    },
  });
}

function memberRoutes(api: Api, context: Context): void {
  api.post('/api/admin/groups/:id/members/', {
    config: staffWith('groups:write'),
    schema: {
      tags,
      security,
      summary: 'Add users to a group: all of them or none',
      params: GroupPath,
      body: NewMembers,
      response: { 200: Added, ...NotFound, ...Conflict, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const { users, is_manager: isManager = false } = request.body;
      const joining = {
        users: users.map(({ username, id }) => ({ username: username?.trim(), id })),
        isManager,
      };
      const { id } = request.params;
      return { added: await addMembers(context, principalOf(request), id, joining) };
    },
  });

  api.post('/api/admin/groups/:id/members/remove/', {
    config: staffWith('groups:write'),
    schema: {
      tags,
      security,
      summary: 'Take users out of a group',
      params: GroupPath,
      body: RemovedMembers,
      response: { 200: Removed, ...NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const { ids } = request.body;
      const { id } = request.params;
      return { removed: await removeMembers(context, principalOf(request), id, ids) };
    },
  });

  api.patch('/api/admin/groups/:id/members/:user/', {
    config: staffWith('groups:write'),
    schema: {
      tags,
      security,
      summary: 'Make a member a manager, or no longer one',
      params: MemberPath,
      body: MemberChange,
      response: {
        200: Nothing,
        404: detailed('Group or member not found.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request) => {
      const { id, user } = request.params;
      const { is_manager: isManager } = request.body;
      await setManager(context, principalOf(request), id, { userId: Number(user), isManager });
      return {};
    },
  });
}
