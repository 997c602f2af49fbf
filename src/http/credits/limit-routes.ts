import { userWith } from '../../app/accounts/manage-users.ts';
import type { Context } from '../../app/context.ts';
import { type AccountLimits, type Limits, readLimits } from '../../app/credits/read-limits.ts';
import {
  endOwnLimit,
  endStaffLimit,
  setOwnLimit,
  setStaffLimit,
  type WantedLimit,
} from '../../app/credits/user-limits.ts';
import { calendarFrom } from '../../core/calendar.ts';
import { PERSONAL } from '../../core/paying-account.ts';
import { AdminUserPath } from '../accounts/managed-user-schema.ts';
import { principalOf, staffWith, userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  STAFF_BODY_ERRORS,
  STAFF_ERRORS,
  USER_BODY_ERRORS,
  USER_ERRORS,
} from '../framework/common-schema.ts';
import { isoTime } from '../framework/iso-time.ts';
import { EndedLimit, LimitsReply, OwnLimit, StaffLimit } from './limit-schema.ts';

const security = [{ bearer: [] }];
const NotFound = { 404: detailed('User or limit not found.') };

/** Everything that limits what a user spends, for the user and for staff. */
export function limitRoutes(api: Api, context: Context): void {
  ownRoutes(api, context);
  staffRoutes(api, context);
}

function ownRoutes(api: Api, context: Context): void {
  const config = { access: 'user' } as const;
  const tags = ['Balance'];

  api.get('/api/limits/', {
    config,
    schema: {
      tags,
      summary: 'Read the accounts that may pay for you, and every limit that applies',
      security,
      response: { 200: LimitsReply, ...USER_ERRORS },
    },
    handler: async (request) => shown(await readLimits(context, userOf(request).id)),
  });

  api.put('/api/limits/own/', {
    config,
    schema: {
      tags,
      summary: 'Limit what you spend',
      security,
      body: OwnLimit,
      response: { 200: LimitsReply, ...USER_BODY_ERRORS },
    },
    handler: async (request) => {
      const { id } = userOf(request);
      await setOwnLimit(context, id, wantedIn(request.body));
      return shown(await readLimits(context, id));
    },
  });

  api.delete('/api/limits/own/', {
    config,
    schema: {
      tags,
      summary: 'Remove your own limit',
      security,
      response: { 200: LimitsReply, ...NotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request) => {
      const { id } = userOf(request);
      await endOwnLimit(context, id);
      return shown(await readLimits(context, id));
    },
  });
}

function staffRoutes(api: Api, context: Context): void {
  const tags = ['Admin: users'];

  api.get('/api/admin/users/:id/limits/', {
    config: staffWith('credits:read'),
    schema: {
      tags,
      summary: 'Read the accounts that may pay for a user, and every limit that applies',
      security,
      params: AdminUserPath,
      response: { 200: LimitsReply, ...NotFound, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      const user = await userWith(context, Number(request.params.id));
      return shown(await readLimits(context, user.id));
    },
  });

  api.put('/api/admin/users/:id/limits/', {
    config: staffWith('credits:write'),
    schema: {
      tags,
      summary: 'Limit what a user spends',
      security,
      params: AdminUserPath,
      body: StaffLimit,
      response: { 200: LimitsReply, ...NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const id = Number(request.params.id);
      const wanted = { ...wantedIn(request.body), reason: request.body.reason };
      await setStaffLimit(context, principalOf(request), id, wanted);
      return shown(await readLimits(context, id));
    },
  });

  api.delete('/api/admin/users/:id/limits/', {
    config: staffWith('credits:write'),
    schema: {
      tags,
      summary: 'Remove the limit that staff have set for a user',
      security,
      params: AdminUserPath,
      querystring: EndedLimit,
      response: { 200: LimitsReply, ...NotFound, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const id = Number(request.params.id);
      await endStaffLimit(context, principalOf(request), id, request.query.reason);
      return shown(await readLimits(context, id));
    },
  });
}

function wantedIn(body: {
  readonly tokens: number;
  readonly window: WantedLimit['window'];
  readonly time_zone?: string;
}): WantedLimit {
  return { credits: body.tokens, window: body.window, timeZone: body.time_zone ?? 'UTC' };
}

function shown({ accounts, paying, limits }: Limits) {
  const nameOf = (id: number | undefined) => {
    const account = accounts.find(({ accountId }) => accountId === id);
    return account ? idOf(account) : null;
  };
  return {
    tokens: paying.spendableCredits,
    payer: idOf(paying),
    accounts: accounts.map(shownAccount),
    limits: limits.map((it) => ({
      id: it.id,
      kind: it.kind,
      account: nameOf(it.accountId),
      key: it.key ?? null,
      limit: it.limitCredits,
      spent: it.spentCredits,
      held: it.heldCredits,
      left: it.leftCredits,
      window: shownWindow(it.calendar, it.window.kind === 'hours' ? it.window.hours : undefined),
      renews_at: isoTime(it.renewsAtMs),
    })),
  };
}

function idOf({ group }: AccountLimits): string {
  return group?.id ?? PERSONAL;
}

function shownAccount(account: AccountLimits) {
  const { group, plan, planEndsAtMs, nextPlanName, renewsAtMs, models } = account;
  return {
    id: idOf(account),
    name: group?.name ?? null,
    tokens: account.spendableCredits,
    available: account.availableCredits,
    held: account.heldCredits,
    expiring: account.expiringCredits,
    plan: plan
      ? {
          name: plan.name,
          tokens: plan.allowanceCredits,
          window: shownWindow(plan.calendar, undefined),
          ends_at: isoTime(planEndsAtMs),
          next: nextPlanName ?? null,
        }
      : null,
    renews_at: isoTime(renewsAtMs),
    models: models ? [...models] : null,
  };
}

function shownWindow(calendar: string | undefined, hours: number | undefined) {
  if (calendar === undefined) {
    const kind = hours === undefined ? ('none' as const) : ('hours' as const);
    return { kind, hours: hours ?? null, time_zone: null };
  }
  const { kind, timeZone } = calendarFrom(calendar);
  return { kind, hours: null, time_zone: timeZone };
}
