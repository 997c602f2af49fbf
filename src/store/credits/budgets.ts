import type { Kysely } from 'kysely';
import type { BudgetKind } from '../../core/budget.ts';
import type { Credits } from '../../core/credits.ts';
import type { BudgetRow, Database } from '../database/schema.ts';
import { fillCalendar } from './calendars.ts';

/** The time in which the charges of a budget add up, as it is stored. */
export type StoredWindow =
  | { readonly kind: 'none' }
  | { readonly kind: 'hours'; readonly hours: number }
  /** `calendar` as `calendarText` writes it. */
  | { readonly kind: 'calendar'; readonly calendar: string };

export interface NewBudget {
  readonly id: string;
  readonly kind: BudgetKind;
  /** The id of the API key, group, plan or user that it is about. */
  readonly scope: string;
  /** Undefined if spending is only counted. */
  readonly limitCredits: Credits | undefined;
  readonly window: StoredWindow;
  readonly createdAtMs: number;
}

/** The window in the columns of a budget. */
export function storedWindowIn({
  hours,
  calendar,
}: Pick<BudgetRow, 'hours' | 'calendar'>): StoredWindow {
  if (hours !== null) return { kind: 'hours', hours };
  return calendar === null ? { kind: 'none' } : { kind: 'calendar', calendar };
}

/**
 * Adds a budget, and fills its calendar. One of a user marks the user's account, so that holds look
 * for it.
 * @param transaction in which the caller writes what the budget belongs to
 */
export async function addBudget(transaction: Kysely<Database>, budget: NewBudget): Promise<void> {
  const { id, kind, scope, limitCredits, window, createdAtMs } = budget;
  if (window.kind === 'calendar') await fillCalendar(transaction, window.calendar, createdAtMs);
  await transaction
    .insertInto('budgets')
    .values({
      id,
      kind,
      scope,
      credits: limitCredits ?? null,
      hours: window.kind === 'hours' ? window.hours : null,
      calendar: window.kind === 'calendar' ? window.calendar : null,
      created_at: createdAtMs,
    })
    .execute();
  if (kind !== 'user' && kind !== 'own') return;
  await transaction
    .updateTable('accounts')
    .set({ has_limits: 1 })
    .where('id', '=', Number(scope))
    .execute();
}

/** Sets the limit of a budget; what is spent of it counts on. */
export async function setBudgetLimit(
  transaction: Kysely<Database>,
  id: string,
  limitCredits: Credits,
): Promise<void> {
  const change = { credits: limitCredits };
  await transaction.updateTable('budgets').set(change).where('id', '=', id).execute();
}

/** Ends budgets: holds take no room in them any more. */
export async function endBudgets(
  transaction: Kysely<Database>,
  ids: readonly string[],
  atMs: number,
): Promise<void> {
  if (ids.length === 0) return;
  await transaction.updateTable('budgets').set({ ended_at: atMs }).where('id', 'in', ids).execute();
}
