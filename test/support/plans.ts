/** Plans for tests, and a clock that a test sets. */
import type { Context } from '../../src/app/context.ts';
import { assignPlan } from '../../src/app/credits/assign-plan.ts';
import { createPlan, type NewPlan } from '../../src/app/credits/plans.ts';
import type { Principal } from '../../src/app/principal.ts';
import type { Chit } from '../../src/compose.ts';
import type { StoredPlan } from '../../src/store/credits/plans.ts';

export const CLI: Principal = { actor: 'cli:test', address: undefined, user: undefined };

let plans = 0;

/** A plan of 1,000 a month in UTC, unless it is to be another one. */
export function planOf(wanted: Partial<NewPlan> = {}): NewPlan {
  plans += 1;
  return {
    name: `Plan ${plans}`,
    allowanceCredits: 1_000,
    calendar: { kind: 'month', day: 1, timeZone: 'UTC' },
    windows: [],
    models: undefined,
    requestsPerMinute: undefined,
    usagePerMinute: undefined,
    ...wanted,
  };
}

/** Makes a plan. */
export async function makePlan(
  context: Context,
  wanted: Partial<NewPlan> = {},
): Promise<StoredPlan> {
  return (await createPlan(context, CLI, planOf(wanted), { isDryRun: false })).plan;
}

/** Gives an account a plan at once. */
export async function givePlan(
  context: Context,
  accountId: number,
  planId: string | undefined,
  options: { readonly endsAtMs?: number; readonly from?: 'now' | 'renewal' } = {},
) {
  const { from = 'now', endsAtMs } = options;
  const accountIds = [accountId];
  return (await assignPlan(context, CLI, { accountIds, planId, from, endsAtMs })).effect;
}

/** The time of one server; its clock stands still until it is set. */
export function setClock({ context }: Chit, atMs: number): void {
  Object.assign(context, { now: () => atMs });
}

/** The lines of a statement, oldest first, without what is different on every run. */
export async function linesOf(context: Context, accountId: number) {
  const lines = await context.transfers.statement(accountId, {
    beforeNumber: undefined,
    limit: 200,
  });
  return lines
    .toReversed()
    .map(({ kind, credits, balanceCredits, reason }) => [kind, credits, balanceCredits, reason]);
}
