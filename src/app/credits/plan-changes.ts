/**
 * Changes the plan of all accounts that have one: at once where they are few, else in the
 * background, where any server goes on with what another one has left.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredPlanChange } from '../../store/credits/plan-changes.ts';
import type { Context } from '../context.ts';
import {
  type AccountChange,
  BATCH,
  changePlanOf,
  endOf,
  NO_EFFECT,
  type PlanEffect,
  withAccount,
} from './plan-work.ts';

/** So many accounts are changed while a client waits: a second or less. */
export const AT_ONCE = 2_000;
/** A pause is half as long as the batch before it, for others. */
const PAUSE_SHARE = 0.5;

/** When to stop before the end, and how to pause. */
export interface ChangeOptions {
  readonly isStopping?: () => boolean;
  readonly pause?: (ms: number) => Promise<unknown>;
}

/**
 * Carries a change out that was just asked for, or was left unfinished.
 * @param isWaiting whether to carry it out now, however many accounts there are
 * @returns what it has done; it has no `endedAtMs` while the background goes on with it
 */
export async function beginChange(
  context: Context,
  id: string,
  isWaiting: boolean,
): Promise<StoredPlanChange | undefined> {
  const change = await context.planChanges.find(id);
  if (!change || change.endedAtMs !== undefined) return change;
  if (!isWaiting && change.accounts > AT_ONCE) return change;
  if (!(await context.planChanges.claim(id, context.now()))) return change;
  return carryOut(context, change);
}

/** Goes on with all changes that no server is at. */
export async function continueChanges(context: Context, options: ChangeOptions): Promise<void> {
  const { isStopping = () => false } = options;
  for (const { id } of await context.planChanges.open()) {
    if (isStopping()) return;
    if (!(await context.planChanges.claim(id, context.now()))) continue;
    // What it has done may have changed since it was listed.
    const change = await context.planChanges.find(id);
    if (change) await carryOut(context, change, { pause: sleep, ...options });
  }
}

/** What a change has done so far, in numbers. */
export function effectSoFar(change: StoredPlanChange): PlanEffect {
  const { changed: accounts, untouched, expiredCredits, givenCredits } = change;
  const { firstRenewalMs, lastRenewalMs } = change;
  return { accounts, untouched, expiredCredits, givenCredits, firstRenewalMs, lastRenewalMs };
}

async function carryOut(
  context: Context,
  change: StoredPlanChange,
  { isStopping = () => false, pause }: ChangeOptions = {},
): Promise<StoredPlanChange> {
  const { id, planId, givenPlanId } = change;
  let current = change;
  try {
    if (givenPlanId === undefined && current.afterId < 0) {
      await context.accountPlans.clearNext(planId);
    }
    while (current.endedAtMs === undefined && !isStopping()) {
      const startedMs = performance.now();
      const next = await afterBatch(context, current);
      if (!(await context.planChanges.goneOn(current, next, context.now()))) {
        return (await context.planChanges.find(id)) ?? current;
      }
      current = next;
      await pause?.((performance.now() - startedMs) * PAUSE_SHARE);
    }
  } finally {
    if (current.endedAtMs === undefined) await context.planChanges.release(id);
  }
  context.plansInForce.forget();
  return current;
}

/** Changes the next accounts. Repeated after a crash, it books nothing twice. */
async function afterBatch(context: Context, change: StoredPlanChange): Promise<StoredPlanChange> {
  const { id, planId, afterId, actor } = change;
  const page = await context.accountPlans.withPlan(planId, { afterId, limit: BATCH });
  const last = page.at(-1);
  if (!last) return { ...change, endedAtMs: context.now() };
  const changed = page.filter(({ planEndsAtMs }) => isChanged(change, planEndsAtMs));
  const order = { actor, operation: id };
  const results = await changePlanOf(context, changed, order, changeOf(change));
  let effect: PlanEffect = { ...NO_EFFECT, ...effectSoFar(change) };
  for (const it of results) if (it.outcome === 'assigned') effect = withAccount(effect, it);
  return {
    ...change,
    ...effect,
    accounts: change.accounts,
    changed: effect.accounts,
    untouched: change.untouched + page.length - changed.length,
    afterId: last.id,
  };
}

/** Who has a plan until a certain time keeps it until then, unless it ends for all. */
function isChanged({ givenPlanId }: StoredPlanChange, planEndsAtMs: number | undefined): boolean {
  return givenPlanId === undefined || planEndsAtMs === undefined;
}

function changeOf({ givenPlanId, from }: StoredPlanChange) {
  if (givenPlanId === undefined) return endOf(from);
  return (): AccountChange => ({ planId: givenPlanId, from });
}
