/** What each member of a group may spend from its pool. */
import { type Calendar, calendarText, faultOfCalendar } from '../../core/calendar.ts';
import type { Credits } from '../../core/credits.ts';
import { ChitError, invalidField } from '../../core/errors.ts';
import type { StoredWindow } from '../../store/credits/budgets.ts';
import type { GroupBudget } from '../../store/groups/group-budgets.ts';
import type { Group } from '../../store/groups/groups.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { groupTarget, poolOf } from './group-access.ts';

/** Every request of a member looks at all of them. */
const MAX_BUDGETS = 8;

/** The time in which the charges of a budget add up. */
export type WantedWindow =
  | { readonly kind: 'none' }
  | { readonly kind: 'hours'; readonly hours: number }
  | { readonly kind: 'calendar'; readonly calendar: Calendar };

/**
 * Adds a budget that holds for each member of a group.
 * @throws ChitError `group_without_pool`, `group_ended`, `too_many_budgets`, `invalid_fields`
 */
export async function addGroupBudget(
  context: Context,
  principal: Principal,
  group: Group,
  wanted: { readonly limitCredits: Credits; readonly window: WantedWindow },
): Promise<GroupBudget> {
  poolOf(group);
  const { limitCredits } = wanted;
  const budget: GroupBudget = { id: newId(), limitCredits, window: storedWindow(wanted.window) };
  const entry = auditEntry(principal, {
    action: 'group.budget',
    target: groupTarget(group),
    after: facts(budget),
  });
  const outcome = await context.groupBudgets.add(group.id, budget, { most: MAX_BUDGETS, entry });
  if (outcome === 'ended') throw new ChitError('group_ended', undefined);
  if (outcome === 'too_many') throw new ChitError('too_many_budgets', { most: MAX_BUDGETS });
  return budget;
}

/**
 * Sets the limit of a budget, for all members who have no other one.
 * @throws ChitError `budget_not_found`
 */
export async function changeGroupBudget(
  context: Context,
  principal: Principal,
  group: Group,
  { id, limitCredits }: { readonly id: string; readonly limitCredits: Credits },
): Promise<void> {
  const isSet = await context.groupBudgets.setLimit(group.id, id, limitCredits, (before) =>
    auditEntry(principal, {
      action: 'group.budget',
      target: groupTarget(group),
      before: facts(before),
      after: facts({ ...before, limitCredits }),
    }),
  );
  if (!isSet) throw new ChitError('budget_not_found', undefined);
}

/**
 * Ends a budget of a group.
 * @throws ChitError `budget_not_found`
 */
export async function endGroupBudget(
  context: Context,
  principal: Principal,
  group: Group,
  id: string,
): Promise<void> {
  const isEnded = await context.groupBudgets.end(group.id, id, (before) =>
    auditEntry(principal, {
      action: 'group.budget',
      target: groupTarget(group),
      before: facts(before),
    }),
  );
  if (!isEnded) throw new ChitError('budget_not_found', undefined);
}

/**
 * Gives one member another limit than the others.
 * @param wanted without `limitCredits` the member has that of the budget again
 * @throws ChitError `group_member_not_found`, `budget_not_found`
 */
export async function setMemberLimit(
  context: Context,
  principal: Principal,
  group: Group,
  wanted: {
    readonly id: string;
    readonly userId: number;
    readonly limitCredits: Credits | undefined;
  },
): Promise<void> {
  const { id, userId, limitCredits } = wanted;
  if ((await context.groups.roleIn(group.id, userId)) === undefined) {
    throw new ChitError('group_member_not_found', undefined);
  }
  const about = { group: group.id, group_name: group.name, budget: id };
  const isSet = await context.groupBudgets.setMemberLimit(
    group.id,
    { id, userId },
    limitCredits,
    (before) =>
      auditEntry(principal, {
        action: 'group.member_budget',
        target: `user:${userId}`,
        before: { ...about, limit: before ?? null },
        after: { ...about, limit: limitCredits ?? null },
      }),
  );
  if (!isSet) throw new ChitError('budget_not_found', undefined);
}

function storedWindow(window: WantedWindow): StoredWindow {
  if (window.kind !== 'calendar') return window;
  const { calendar } = window;
  const fault = faultOfCalendar(calendar);
  if (fault !== undefined) {
    const message = 'There is no such time zone, or no such day.';
    throw invalidField(`calendar/${fault}`, message, { code: 'invalid' });
  }
  return { kind: 'calendar', calendar: calendarText(calendar) };
}

function facts({ id, limitCredits, window }: GroupBudget) {
  const text =
    window.kind === 'hours'
      ? `${window.hours} h`
      : window.kind === 'calendar'
        ? window.calendar
        : null;
  return { budget: id, limit: limitCredits, window: text };
}
