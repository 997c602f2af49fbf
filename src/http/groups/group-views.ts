/** Groups and budgets as JSON. */

import type { GroupDetail, MemberUse } from '../../app/groups/read-groups.ts';
import { calendarFrom } from '../../core/calendar.ts';
import { lastingOf } from '../../core/ledger.ts';
import type { StoredWindow } from '../../store/credits/budgets.ts';
import type { GroupBudget, MemberBudget } from '../../store/groups/group-budgets.ts';
import type { ListedGroup, Pool } from '../../store/groups/group-lists.ts';
import { shownCalendar } from '../credits/calendars.ts';
import { shownAccountPlan } from '../credits/shown-plans.ts';
import { isoTime } from '../framework/iso-time.ts';

/** A group in a list. */
export function shownGroup({ group, members, pool }: ListedGroup) {
  return {
    id: group.id,
    name: group.name,
    models: group.models ? [...group.models] : null,
    members,
    account: group.poolId ?? null,
    pool: pool ? shownPool(pool) : null,
    created_at: isoTime(group.createdAtMs),
    ended_at: isoTime(group.endedAtMs),
  };
}

/** A group with its budgets. */
export function shownDetail(detail: GroupDetail) {
  return {
    group: shownGroup(detail),
    budgets: detail.budgets.map(shownBudget),
    plan: shownAccountPlan(detail.plan),
  };
}

/** The balance of a pool, and its plan. */
export function shownPool({ availableCredits, heldCredits, expiringCredits, plan }: Pool) {
  return {
    tokens: availableCredits,
    held: heldCredits,
    expiring: expiringCredits,
    to_give: lastingOf({
      postedCredits: availableCredits + heldCredits,
      heldCredits,
      expiringCredits,
    }),
    plan: plan ? { id: plan.id, name: plan.name, renews_at: isoTime(plan.renewsAtMs) } : null,
  };
}

/** A budget of a group. */
export function shownBudget({ id, limitCredits, window }: GroupBudget) {
  return { id, limit: limitCredits, ...shownWindow(window) };
}

/** What a member has left of a budget. */
export function shownLeft(it: MemberBudget) {
  return {
    id: it.budget.id,
    limit: it.limitCredits,
    is_own: it.isOwn,
    spent: it.spentCredits,
    held: it.heldCredits,
    left: it.leftCredits,
    ...shownWindow(it.budget.window),
    renews_at: isoTime(it.renewsAtMs),
  };
}

/** A member with what they used and have left. */
export function shownMember({ member, sums, budgets }: MemberUse) {
  const { messages, charged, refunded } = sums;
  return {
    id: member.userId,
    username: member.username,
    is_active: member.isActive,
    is_manager: member.isManager,
    joined_at: isoTime(member.joinedAtMs),
    this_month: { messages, charged, refunded },
    budgets: budgets.map(shownLeft),
  };
}

function shownWindow(window: StoredWindow) {
  return {
    hours: window.kind === 'hours' ? window.hours : null,
    calendar: window.kind === 'calendar' ? shownCalendar(calendarFrom(window.calendar)) : null,
  };
}
