/**
 * A budget is a limit on what a subject may spend, in all or in a window of time. A hold takes room
 * in every budget that applies to it. Its limit is never exceeded by a hold; it can be set below
 * what was spent already, and then nothing is left.
 */
import { type Period, periodAt } from './calendar.ts';
import type { Credits } from './credits.ts';

/**
 * What a budget limits:
 * - `key`: what is charged through an API key;
 * - `member`: what each member of a group spends from its pool;
 * - `plan`: what each account with a plan spends, in one of the plan's windows;
 * - `user`: what a user spends, set by staff;
 * - `own`: what a user spends, set by that user.
 */
export type BudgetKind = 'key' | 'member' | 'plan' | 'user' | 'own';

/** In the order in which the tightest of several is named if they have the same left. */
export const BUDGET_KINDS: readonly BudgetKind[] = ['key', 'member', 'plan', 'user', 'own'];

/** The time in which the charges of a budget add up. */
export type BudgetWindow =
  /** For ever. */
  | { readonly kind: 'none' }
  /** So many hours from the first use; the next use afterwards begins another window. */
  | { readonly kind: 'hours'; readonly hours: number }
  /** A period of a calendar: its periods, in order. */
  | { readonly kind: 'calendar'; readonly periods: readonly Period[] };

const HOUR_MS = 3_600_000;

/**
 * When the present window of a budget began, in milliseconds since 1970 UTC; 0 if it has none. It
 * never goes back, also where the clocks of servers differ.
 * @param earlierMs the beginning of the window that was used last; 0 for none
 */
export function windowStartAt(window: BudgetWindow, earlierMs: number, atMs: number): number {
  switch (window.kind) {
    case 'none':
      return 0;
    case 'hours':
      return earlierMs > 0 && atMs < earlierMs + window.hours * HOUR_MS ? earlierMs : atMs;
    case 'calendar':
      return Math.max(earlierMs, periodAt(window.periods, atMs).begun?.startMs ?? 0);
  }
}

/** When a window ends, in milliseconds since 1970 UTC; undefined for never. */
export function windowEndOf(window: BudgetWindow, startMs: number): number | undefined {
  switch (window.kind) {
    case 'none':
      return undefined;
    case 'hours':
      return startMs + window.hours * HOUR_MS;
    case 'calendar':
      return window.periods.find((it) => it.startMs === startMs)?.endMs;
  }
}

/** What is spent and held of a budget by one subject, in the window that was used last. */
export interface BudgetCounter {
  readonly spentCredits: Credits;
  readonly heldCredits: Credits;
  /** 0 if the budget has no window, or was never used. */
  readonly windowStartMs: number;
}

export const UNUSED: BudgetCounter = { spentCredits: 0, heldCredits: 0, windowStartMs: 0 };

/** The counter at a time: empty if another window has begun. */
export function counterAt(
  window: BudgetWindow,
  counter: BudgetCounter,
  atMs: number,
): BudgetCounter {
  const windowStartMs = windowStartAt(window, counter.windowStartMs, atMs);
  return windowStartMs === counter.windowStartMs ? counter : { ...UNUSED, windowStartMs };
}

/** When the present window of a counter ends; undefined for never, and before its hours begin. */
export function renewalOf(
  window: BudgetWindow,
  counter: BudgetCounter,
  atMs: number,
): number | undefined {
  const present = counterAt(window, counter, atMs);
  // Hours count from the first use.
  if (window.kind === 'hours' && present !== counter) return undefined;
  return windowEndOf(window, present.windowStartMs);
}

/** A budget and a counter as both databases have them, with the period of its calendar. */
export interface BudgetColumns {
  readonly hours: number | null;
  readonly calendar: string | null;
  /** The period that the window may be in; null if the budget has no calendar. */
  readonly starts_at: number | null;
  readonly ends_at: number | null;
  /** Null if the budget was never used. */
  readonly spent: number | null;
  readonly held: number | null;
  readonly window_start: number | null;
}

/** The window of a stored budget. */
export function windowFrom(row: BudgetColumns): BudgetWindow {
  const { hours, calendar, starts_at: startMs, ends_at: endMs } = row;
  if (hours !== null) return { kind: 'hours', hours };
  if (calendar === null) return { kind: 'none' };
  const periods = startMs === null || endMs === null ? [] : [{ startMs, endMs }];
  return { kind: 'calendar', periods };
}

/** The counter of a stored budget. */
export function counterFrom(row: BudgetColumns): BudgetCounter {
  const { spent, held, window_start: windowStartMs } = row;
  if (spent === null || held === null || windowStartMs === null) return UNUSED;
  return { spentCredits: spent, heldCredits: held, windowStartMs };
}

/** What is left of a limit, never less than 0. */
export function leftOf(
  limitCredits: Credits,
  { spentCredits, heldCredits }: BudgetCounter,
): Credits {
  return Math.max(0, limitCredits - spentCredits - heldCredits);
}

/** What is left of something that a hold needs room in. */
export interface Room {
  readonly availableCredits: Credits;
  /** What would be left if nothing were running. */
  readonly unspentCredits: Credits;
}

/**
 * Whether one of several that are short is named rather than another: one that stays short when
 * running generations end, and else the one with less left.
 */
export function isTighter(a: Room, b: Room, leastCredits: Credits): boolean {
  const isSpent = a.unspentCredits < leastCredits;
  if (isSpent !== b.unspentCredits < leastCredits) return isSpent;
  return a.availableCredits < b.availableCredits;
}
