import type { Group } from '../../store/groups/groups.ts';
import type { Context } from '../context.ts';
import { assignPlan, type PlanAssignment } from '../credits/assign-plan.ts';
import type { Principal } from '../principal.ts';
import { poolOf } from './group-access.ts';

/**
 * Gives the pool of a group a plan, or ends the one that it has.
 * @returns as `assignPlan`
 * @throws ChitError as `assignPlan`, and `group_without_pool`
 */
export function assignPlanToPool(
  context: Context,
  principal: Principal,
  group: Group,
  assignment: Omit<PlanAssignment, 'accountIds'>,
): ReturnType<typeof assignPlan> {
  const accountIds = [poolOf(group)];
  return assignPlan(context, principal, { ...assignment, accountIds });
}
