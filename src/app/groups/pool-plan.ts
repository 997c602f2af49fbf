import { ChitError } from '../../core/errors.ts';
import type { Group } from '../../store/groups/groups.ts';
import type { Context } from '../context.ts';
import { assignPlan, type PlanAssignment } from '../credits/assign-plan.ts';
import type { Principal } from '../principal.ts';
import { poolOf } from './group-access.ts';

/**
 * Gives the pool of a group a plan, or ends the one that it has.
 * @returns as `assignPlan`
 * @throws ChitError as `assignPlan`, `group_without_pool`, and `group_ended` for a plan
 */
export function assignPlanToPool(
  context: Context,
  principal: Principal,
  group: Group,
  assignment: Omit<PlanAssignment, 'accountIds'>,
): ReturnType<typeof assignPlan> {
  const accountIds = [poolOf(group)];
  if (group.endedAtMs !== undefined && assignment.planId !== undefined) {
    throw new ChitError('group_ended', undefined);
  }
  return assignPlan(context, principal, { ...assignment, accountIds });
}
