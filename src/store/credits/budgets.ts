import type { Kysely } from 'kysely';
import type { BudgetKind } from '../../core/budget.ts';
import type { Credits } from '../../core/credits.ts';
import type { Database } from '../database/schema.ts';

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

/**
 * Adds a budget. One of a user marks the user's account, so that holds look for it.
 * @param transaction in which the caller writes what the budget belongs to
 */
export async function addBudget(transaction: Kysely<Database>, budget: NewBudget): Promise<void> {
  const { id, kind, scope, limitCredits, window, createdAtMs } = budget;
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
