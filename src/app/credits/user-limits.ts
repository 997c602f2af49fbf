/** Ceilings on what a user spends: one that staff set and one that the user sets. */
import type { AuditedFacts } from '../../core/audit-log.ts';
import { type Calendar, calendarFrom, calendarText, isTimeZone } from '../../core/calendar.ts';
import type { Credits } from '../../core/credits.ts';
import { ChitError, invalidField } from '../../core/errors.ts';
import type { StoredWindow } from '../../store/credits/budgets.ts';
import type { UserLimit } from '../../store/credits/user-limits.ts';
import { requireManageableUser } from '../accounts/manage-users.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { auditEntry, type Principal } from '../principal.ts';

/** In what time spending adds up; in the order of their lengths. */
export const LIMIT_WINDOWS = ['day', 'week', 'month', 'none'] as const;
export type LimitWindow = (typeof LIMIT_WINDOWS)[number];

export interface WantedLimit {
  readonly credits: Credits;
  readonly window: LimitWindow;
  /** Where days begin; a name of the IANA time zone database. */
  readonly timeZone: string;
}

/**
 * Sets the ceiling that a user wishes. One over the same time as that of staff, or a shorter one,
 * cannot be above it.
 * @throws ChitError `invalid_fields`, `limit_above_staff`, `user_not_found`
 */
export async function setOwnLimit(
  context: Context,
  userId: number,
  wanted: WantedLimit,
): Promise<void> {
  const isSet = await context.userLimits.set({
    ...changeFor(context, userId, wanted),
    kind: 'own',
    check: ({ user: ofStaff }) => {
      if (ofStaff && isAbove(wanted, ofStaff)) {
        throw new ChitError('limit_above_staff', { mostCredits: ofStaff.limitCredits });
      }
      return undefined;
    },
  });
  if (!isSet) throw new ChitError('user_not_found', undefined);
}

/** @throws ChitError `limit_not_found` */
export async function endOwnLimit(context: Context, userId: number): Promise<void> {
  const which = { kind: 'own', userId, atMs: context.now() } as const;
  const isEnded = await context.userLimits.end(which, () => undefined);
  if (!isEnded) throw new ChitError('limit_not_found', undefined);
}

/**
 * Sets the ceiling of staff for a user.
 * @throws ChitError `invalid_fields`, `user_unknown`, `permission_denied` for a superuser unless
 *   the principal is one
 */
export async function setStaffLimit(
  context: Context,
  principal: Principal,
  userId: number,
  wanted: WantedLimit & { readonly reason: string },
): Promise<void> {
  await requireManageableUser(context, principal, userId);
  const change = changeFor(context, userId, wanted);
  const isSet = await context.userLimits.set({
    ...change,
    kind: 'user',
    check: ({ user: before }) =>
      auditEntry(principal, {
        action: 'user.limit',
        target: `user:${userId}`,
        reason: wanted.reason,
        before: before && factsOf(before),
        after: factsOf(change),
      }),
  });
  if (!isSet) throw new ChitError('user_unknown', undefined);
}

/** @throws ChitError `limit_not_found`, `user_unknown`, `permission_denied` */
export async function endStaffLimit(
  context: Context,
  principal: Principal,
  userId: number,
  reason: string,
): Promise<void> {
  await requireManageableUser(context, principal, userId);
  const which = { kind: 'user', userId, atMs: context.now() } as const;
  const isEnded = await context.userLimits.end(which, (before) =>
    auditEntry(principal, {
      action: 'user.limit',
      target: `user:${userId}`,
      reason,
      before: factsOf(before),
      after: { limit: null },
    }),
  );
  if (!isEnded) throw new ChitError('limit_not_found', undefined);
}

function changeFor(context: Context, userId: number, { credits, window, timeZone }: WantedLimit) {
  return {
    userId,
    id: newId(),
    limitCredits: credits,
    window: storedWindow(window, timeZone),
    atMs: context.now(),
  };
}

function storedWindow(window: LimitWindow, timeZone: string): StoredWindow {
  if (window === 'none') return { kind: 'none' };
  if (!isTimeZone(timeZone)) {
    const message = 'Must be a time zone such as Europe/Berlin.';
    throw invalidField('time_zone', message, { code: 'not_a_time_zone' });
  }
  // In one spelling, since each calendar is stored with its periods.
  const day = Temporal.PlainDate.from('2026-01-01').toZonedDateTime(timeZone);
  return { kind: 'calendar', calendar: calendarText(calendarOf(window, day.timeZoneId)) };
}

function calendarOf(kind: Exclude<LimitWindow, 'none'>, timeZone: string): Calendar {
  if (kind === 'week') return { kind, weekday: 1, timeZone };
  return kind === 'month' ? { kind, day: 1, timeZone } : { kind, timeZone };
}

/** Whether a wish is above the ceiling of staff, over the same time or a shorter one. */
function isAbove({ credits, window }: WantedLimit, ofStaff: UserLimit): boolean {
  if (credits <= ofStaff.limitCredits) return false;
  const length = (it: LimitWindow) => LIMIT_WINDOWS.indexOf(it);
  return length(window) <= length(kindOf(ofStaff.window));
}

function kindOf(window: StoredWindow): LimitWindow {
  if (window.kind !== 'calendar') return window.kind === 'hours' ? 'day' : 'none';
  const { kind } = calendarFrom(window.calendar);
  return kind === 'term' ? 'none' : kind;
}

function factsOf({ limitCredits, window }: Pick<UserLimit, 'limitCredits' | 'window'>) {
  const calendar = window.kind === 'calendar' ? window.calendar : null;
  return { limit: limitCredits, window: calendar ?? 'none' } satisfies AuditedFacts;
}
