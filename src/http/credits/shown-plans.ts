/** Plans as clients read them. */
import type { PlanOfAccount } from '../../app/credits/account-plan.ts';
import type { PlanEffect } from '../../app/credits/plan-work.ts';
import { nextRenewal } from '../../app/credits/plans.ts';
import type { PlanProgress } from '../../store/credits/plan-changes.ts';
import type { PlanWindow, StoredPlan } from '../../store/credits/plans.ts';
import { isoTime } from '../framework/iso-time.ts';
import { shownCalendar } from './calendars.ts';

/**
 * @param of how many accounts have it, and how far they are where they are being changed
 */
export function shownPlan(
  plan: StoredPlan,
  of: { readonly accounts: number; readonly progress: PlanProgress | undefined },
  nowMs: number,
) {
  const { accounts, progress = null } = of;
  const { models, requestsPerMinute, usagePerMinute, createdAtMs, endedAtMs } = plan;
  return {
    ...shortPlan(plan),
    windows: plan.windows.map(shownWindow),
    models: models ? [...models] : null,
    requests_per_minute: requestsPerMinute ?? null,
    usage_per_minute: usagePerMinute ?? null,
    created_at: isoTime(createdAtMs),
    ended_at: isoTime(endedAtMs),
    next_renewal: isoTime(nextRenewal(plan, nowMs).firstRenewalMs),
    accounts,
    progress,
  };
}

function shortPlan({ id, name, allowanceCredits, calendar }: StoredPlan) {
  return { id, name, tokens: allowanceCredits, calendar: shownCalendar(calendar) };
}

function shownWindow({ limitCredits: tokens, window }: PlanWindow) {
  return window.kind === 'hours'
    ? { tokens, hours: window.hours }
    : { tokens, calendar: shownCalendar(window.calendar) };
}

/** What an action did, or for a dry run would do. */
export function shownEffect(effect: PlanEffect, isDone: boolean) {
  return {
    done: isDone,
    accounts: effect.accounts,
    untouched: effect.untouched,
    tokens_expired: effect.expiredCredits,
    tokens_given: effect.givenCredits,
    first_renewal: isoTime(effect.firstRenewalMs),
    last_renewal: isoTime(effect.lastRenewalMs),
  };
}

/** The plan of an account; null if it has none. */
export function shownAccountPlan(of: PlanOfAccount | undefined) {
  if (!of) return null;
  const { plan, expiringCredits, renewsAtMs, endsAtMs, nextPlan } = of;
  return {
    ...shortPlan(plan),
    expiring: expiringCredits,
    renews_at: isoTime(renewsAtMs),
    ends_at: isoTime(endsAtMs),
    next_plan: nextPlan ? shortPlan(nextPlan) : null,
  };
}
