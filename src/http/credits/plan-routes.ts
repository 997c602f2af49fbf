import type { FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { userWith } from '../../app/accounts/manage-users.ts';
import type { Context } from '../../app/context.ts';
import { planOfAccount } from '../../app/credits/account-plan.ts';
import { assignPlan } from '../../app/credits/assign-plan.ts';
import {
  changePlan,
  createPlan,
  endPlan,
  type NewPlan,
  type PlanOutcome,
  planWith,
  replacePlan,
} from '../../app/credits/plans.ts';
import { calendarText } from '../../core/calendar.ts';
import type { Credits } from '../../core/credits.ts';
import { invalidField } from '../../core/errors.ts';
import { pageOf, rowsForPage } from '../../core/page.ts';
import type { PlanChange, PlanWindow, StoredPlan } from '../../store/credits/plans.ts';
import { AdminUserPath } from '../accounts/managed-user-schema.ts';
import { principalOf, staffWith } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  IdempotencyHeaders,
  KeyReused,
  READ_ERRORS,
  STAFF_BODY_ERRORS,
  STAFF_ERRORS,
} from '../framework/common-schema.ts';
import { requireProofToGive, requireProofToGivePlan } from '../framework/fresh-proof.ts';
import { keyOf, markReplayed } from '../framework/idempotency.ts';
import { cursorText, idIn, limitIn, nextPage } from '../framework/paging.ts';
import { calendarIn } from './calendars.ts';
import {
  NewPlanBody,
  PlanAccounts,
  PlanChangeBody,
  PlanEffectReply,
  PlanEnd,
  PlanList,
  PlanOutcomeReply,
  PlanPath,
  PlanQuery,
  PlanReplacement,
  PlanReply,
  UserPlanBody,
  UserPlanReply,
} from './plan-schema.ts';
import { shownAccountPlan, shownEffect, shownPlan } from './shown-plans.ts';

const tags = ['Admin: plans'];
const security = [{ bearer: [] }];
const NotFound = { 404: detailed('Plan not found.') };
const Conflict = {
  409: detailed('The plan or a group has ended, or another plan has the name.'),
};
const ACTION_ERRORS = { 422: KeyReused, ...Conflict, ...READ_ERRORS, ...STAFF_BODY_ERRORS };

/** Plans, for staff to make, change, end and give. */
export function planRoutes(api: Api, context: Context): void {
  listRoutes(api, context);
  changeRoutes(api, context);
  replaceRoutes(api, context);
  accountRoutes(api, context);
}

function listRoutes(api: Api, context: Context): void {
  api.get('/api/admin/plans/', {
    config: staffWith('plans:read'),
    schema: {
      tags,
      security,
      summary: 'List plans',
      querystring: PlanQuery,
      response: { 200: PlanList, ...READ_ERRORS, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const { ended, cursor } = request.query;
      const limit = limitIn(request.query);
      const found = await context.plans.page({
        beforeId: idIn(cursor),
        withEnded: ended === 'true',
        limit: rowsForPage(limit),
      });
      const { items, last } = pageOf(found, limit);
      const shown = await shownPlans(context, request, items);
      return {
        plans: shown,
        ...nextPage(last && cursorText(last.id)),
      };
    },
  });

  api.get('/api/admin/plans/:id/', {
    config: staffWith('plans:read'),
    schema: {
      tags,
      security,
      summary: 'Read one plan',
      params: PlanPath,
      response: { 200: PlanReply, ...NotFound, ...READ_ERRORS, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const plan = await planWith(context, request.params.id);
      const [shown] = await shownPlans(context, request, [plan]);
      return shown as NonNullable<typeof shown>;
    },
  });

  api.post('/api/admin/plans/', {
    config: staffWith('plans:write'),
    schema: {
      tags,
      security,
      summary: 'Create a plan',
      headers: IdempotencyHeaders,
      body: NewPlanBody,
      response: { 200: PlanOutcomeReply, 201: PlanOutcomeReply, ...ACTION_ERRORS },
    },
    handler: async (request, reply) => {
      const { body } = request;
      const asked = askedIn(request, body);
      const made = await createPlan(context, principalOf(request), planIn(body), asked);
      markReplayed(reply, made.isReplayed);
      return reply.code(asked.isDryRun ? 200 : 201).send(shownOutcome(context, made, asked));
    },
  });
}

async function shownPlans(context: Context, request: FastifyRequest, plans: readonly StoredPlan[]) {
  const ids = plans.map(({ id }) => id);
  const counts = await context.heavyReads.run(principalOf(request).actor, () =>
    context.plans.accountCounts(ids),
  );
  const progress = await context.planChanges.progressOf(ids);
  return plans.map((it) => {
    const of = { accounts: counts.get(it.id) ?? 0, progress: progress.get(it.id) };
    return shownPlan(it, of, context.now());
  });
}

function changeRoutes(api: Api, context: Context): void {
  api.patch('/api/admin/plans/:id/', {
    config: staffWith('plans:write'),
    schema: {
      tags,
      security,
      summary: 'Change a plan: its limits at once, its amount from the next renewal or now',
      params: PlanPath,
      headers: IdempotencyHeaders,
      body: PlanChangeBody,
      response: { 200: PlanOutcomeReply, 202: PlanOutcomeReply, ...NotFound, ...ACTION_ERRORS },
    },
    handler: async (request, reply) => {
      const { params, body } = request;
      const asked = askedIn(request, body);
      await requireSameCalendar(context, params.id, body);
      if (!asked.isDryRun) await requireProofToAllow(context, request, params.id, body.tokens);
      const change = changeIn(body);
      const wanted = { ...asked, change, from: body.from ?? 'renewal' };
      const changed = await changePlan(context, principalOf(request), params.id, wanted);
      markReplayed(reply, changed.isReplayed);
      return reply.code(changed.progress ? 202 : 200).send(shownOutcome(context, changed, asked));
    },
  });

  api.post('/api/admin/plans/:id/end/', {
    config: staffWith('plans:write'),
    schema: {
      tags,
      security,
      summary: 'End a plan: for each account at its next renewal, or now',
      params: PlanPath,
      headers: IdempotencyHeaders,
      body: PlanEnd,
      response: { 200: PlanOutcomeReply, 202: PlanOutcomeReply, ...NotFound, ...ACTION_ERRORS },
    },
    handler: async (request, reply) => {
      const { params, body } = request;
      const asked = { ...askedIn(request, body), from: body.from ?? 'renewal' };
      const ended = await endPlan(context, principalOf(request), params.id, asked);
      markReplayed(reply, ended.isReplayed);
      return reply.code(ended.progress ? 202 : 200).send(shownOutcome(context, ended, asked));
    },
  });
}

function replaceRoutes(api: Api, context: Context): void {
  api.post('/api/admin/plans/:id/replace/', {
    config: staffWith('plans:write'),
    schema: {
      tags,
      security,
      summary: 'End a plan and give its accounts another one, such as with another calendar',
      params: PlanPath,
      headers: IdempotencyHeaders,
      body: PlanReplacement,
      response: { 200: PlanOutcomeReply, 202: PlanOutcomeReply, ...NotFound, ...ACTION_ERRORS },
    },
    handler: async (request, reply) => {
      const { params, body } = request;
      const asked = { ...askedIn(request, body), from: body.from ?? 'renewal' };
      const wanted = { ...asked, plan: planIn(body) };
      if (!asked.isDryRun) await requireProofToAllow(context, request, params.id, body.tokens);
      const replaced = await replacePlan(context, principalOf(request), params.id, wanted);
      markReplayed(reply, replaced.isReplayed);
      return reply.code(replaced.progress ? 202 : 200).send(shownOutcome(context, replaced, asked));
    },
  });
}

function accountRoutes(api: Api, context: Context): void {
  api.post('/api/admin/plans/:id/accounts/', {
    config: staffWith('plans:write'),
    schema: {
      tags,
      security,
      summary: 'Give a plan to accounts: to all of them or none',
      params: PlanPath,
      headers: IdempotencyHeaders,
      body: PlanAccounts,
      response: {
        200: PlanEffectReply,
        ...ACTION_ERRORS,
        404: detailed('Plan not found, or one of the accounts; none was changed.'),
      },
    },
    handler: async (request, reply) => {
      const { params, body } = request;
      const given = { planId: params.id, accounts: body.accounts.length };
      if (!body.dry_run) await requireProofToGivePlan(context, request, given);
      const { effect, isReplayed } = await assignPlan(context, principalOf(request), {
        ...askedIn(request, body),
        accountIds: body.accounts,
        planId: params.id,
        from: body.from ?? 'renewal',
        endsAtMs: endIn(body),
      });
      markReplayed(reply, isReplayed);
      return shownEffect(effect, !body.dry_run);
    },
  });

  api.get('/api/admin/users/:id/plan/', {
    config: staffWith('plans:read'),
    schema: {
      tags,
      security,
      summary: 'Read the plan of a user',
      params: AdminUserPath,
      response: { 200: UserPlanReply, 404: detailed('User not found.'), ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const user = await userWith(context, Number(request.params.id));
      return { plan: shownAccountPlan(await planOfAccount(context, user.id)) };
    },
  });

  api.post('/api/admin/users/:id/plan/', {
    config: staffWith('plans:write'),
    schema: {
      tags,
      security,
      summary: 'Give a user a plan, or end the one that the user has',
      params: AdminUserPath,
      headers: IdempotencyHeaders,
      body: UserPlanBody,
      response: {
        200: PlanEffectReply,
        ...ACTION_ERRORS,
        404: detailed('User or plan not found.'),
      },
    },
    handler: async (request, reply) => {
      const { params, body } = request;
      const given = { planId: body.plan, accounts: 1 };
      if (!body.dry_run) await requireProofToGivePlan(context, request, given);
      const { effect, isReplayed } = await assignPlan(context, principalOf(request), {
        ...askedIn(request, body),
        accountIds: [Number(params.id)],
        planId: body.plan ?? undefined,
        from: body.from ?? 'renewal',
        endsAtMs: endIn(body),
      });
      markReplayed(reply, isReplayed);
      return shownEffect(effect, !body.dry_run);
    },
  });
}

/** @throws ChitError `proof_required` if all with a plan would get more than may be given so */
async function requireProofToAllow(
  context: Context,
  request: FastifyRequest,
  planId: string,
  credits: Credits | undefined,
): Promise<void> {
  if (credits === undefined) return;
  const accounts = (await context.plans.accountCounts([planId])).get(planId) ?? 0;
  await requireProofToGive(context, request, credits * accounts);
}

function askedIn(
  request: FastifyRequest,
  body: { readonly dry_run?: boolean; readonly reason?: string },
) {
  return {
    isDryRun: body.dry_run ?? false,
    reason: body.reason,
    idempotencyKey: keyOf(request),
  };
}

function shownOutcome(
  context: Context,
  { plan, effect, progress }: PlanOutcome,
  { isDryRun }: { readonly isDryRun: boolean },
) {
  const accounts = progress?.accounts ?? effect.accounts + effect.untouched;
  return {
    plan: shownPlan(plan, { accounts, progress }, context.now()),
    ...shownEffect(effect, !isDryRun && !progress),
  };
}

function planIn(body: Static<typeof NewPlanBody>): NewPlan {
  return {
    name: body.name.trim(),
    allowanceCredits: body.tokens,
    calendar: calendarIn(body.calendar),
    windows: windowsIn(body.windows ?? []),
    models: body.models ?? undefined,
    requestsPerMinute: body.requests_per_minute ?? undefined,
    usagePerMinute: body.usage_per_minute ?? undefined,
  };
}

/** Only what is to be changed. */
function changeIn(body: Static<typeof PlanChangeBody>): Partial<PlanChange> {
  const { name, tokens, windows, models, requests_per_minute, usage_per_minute } = body;
  return {
    ...(name === undefined ? {} : { name: name.trim() }),
    ...(tokens === undefined ? {} : { allowanceCredits: tokens }),
    ...(windows === undefined ? {} : { windows: windowsIn(windows) }),
    ...(models === undefined ? {} : { models: models ?? undefined }),
    ...(requests_per_minute === undefined
      ? {}
      : { requestsPerMinute: requests_per_minute ?? undefined }),
    ...(usage_per_minute === undefined ? {} : { usagePerMinute: usage_per_minute ?? undefined }),
  };
}

function windowsIn(windows: NonNullable<Static<typeof NewPlanBody>['windows']>): PlanWindow[] {
  return windows.map(({ tokens: limitCredits, hours, calendar }, index) => {
    if (hours !== undefined && !calendar) return { limitCredits, window: { kind: 'hours', hours } };
    if (calendar && hours === undefined) {
      return { limitCredits, window: { kind: 'calendar', calendar: calendarIn(calendar) } };
    }
    const message = 'Give either hours or a calendar.';
    throw invalidField(`windows/${index}`, message, { code: 'invalid' });
  });
}

/** Accounts have renewals that follow from the calendar. */
async function requireSameCalendar(
  context: Context,
  id: string,
  { calendar }: Static<typeof PlanChangeBody>,
): Promise<void> {
  if (!calendar) return;
  const plan = await planWith(context, id);
  if (calendarText(calendarIn(calendar)) === calendarText(plan.calendar)) return;
  const message = 'A calendar cannot be changed. Replace the plan with another one.';
  throw invalidField('calendar', message, { code: 'invalid' });
}

function endIn({ ends_at: endsAt }: { readonly ends_at?: string | null }): number | undefined {
  return endsAt ? Date.parse(endsAt) : undefined;
}
