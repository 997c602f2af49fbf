import type { Credits } from '../../core/credits.ts';
import type { AccountId } from '../../core/ledger.ts';
import type { StoredPlan } from '../../store/credits/plans.ts';
import type { Context } from '../context.ts';
import { renewIfDue } from './renewals.ts';

/** The plan of an account at the moment. */
export interface PlanOfAccount {
  readonly plan: StoredPlan;
  /** What of the balance ends with the allowance. */
  readonly expiringCredits: Credits;
  /** When the rest of the allowance expires and the next one is given, if one follows. */
  readonly renewsAtMs: number | undefined;
  /** When the plan ends; undefined for never. */
  readonly endsAtMs: number | undefined;
  /** The plan that follows then. */
  readonly nextPlan: StoredPlan | undefined;
}

/**
 * The plan of an account, renewed if it is due; undefined if it has none.
 * @throws ChitError `ledger_unavailable`
 */
export async function planOfAccount(
  context: Context,
  accountId: AccountId,
): Promise<PlanOfAccount | undefined> {
  if (!context.plansInForce.hasPlans) return undefined;
  await renewIfDue(context, accountId);
  const account = await context.accountPlans.find(accountId);
  if (account?.planId === undefined) return undefined;
  const plan = await context.plans.find(account.planId);
  if (!plan) return undefined;
  const { nextPlanId, expiringCredits, renewsAtMs, planEndsAtMs: endsAtMs } = account;
  const nextPlan = nextPlanId === undefined ? undefined : await context.plans.find(nextPlanId);
  return { plan, expiringCredits, renewsAtMs, endsAtMs, nextPlan };
}
