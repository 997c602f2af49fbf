/** A plan in a few words: `2,000 tokens a month · renews on 1 December`. */
import type { Me } from '../api/types.ts';
import { dayIn, number, strings } from './strings.ts';

export type OwnPlan = NonNullable<Me['plan']>;
export type PlanCalendar = OwnPlan['calendar'];

/** How much a plan gives, and how often. */
export function allowanceText({ tokens, calendar }: Pick<OwnPlan, 'tokens' | 'calendar'>): string {
  return strings.value.allowances[calendar.kind](number(tokens));
}

/** The day on which something happens in the time zone of a calendar. */
export function planDay(iso: string, { time_zone: timeZone }: PlanCalendar): string {
  return dayIn(iso, timeZone);
}

/** How much a plan gives, and when the next time is. */
export function planText(
  plan: Pick<OwnPlan, 'tokens' | 'calendar'>,
  renewsAt: string | null,
): string {
  const text = allowanceText(plan);
  if (renewsAt === null) return text;
  return `${text} · ${strings.value.renewsOn(planDay(renewsAt, plan.calendar))}`;
}

/** The plan of an account: what it gives, when it renews or ends, and what follows. */
export function accountPlanText(plan: OwnPlan): string {
  const { renews_at: renewsAt, ends_at: endsAt, next_plan: next, calendar } = plan;
  // The end is the next renewal: then there is none of this plan.
  const isLast = endsAt !== null && endsAt === renewsAt;
  const parts = [planText(plan, isLast ? null : renewsAt)];
  if (endsAt !== null) parts.push(strings.value.planEndsOn(planDay(endsAt, calendar)));
  if (endsAt !== null && next)
    parts.push(strings.value.planFollows(next.name, allowanceText(next)));
  return parts.join(' · ');
}
