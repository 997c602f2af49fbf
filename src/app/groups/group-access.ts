/** Who may look after a group. Every group is looked up with the person who asks for it. */
import { ChitError } from '../../core/errors.ts';
import type { Group } from '../../store/groups/groups.ts';
import type { Context } from '../context.ts';

/**
 * A group, also one that has ended, for staff.
 * @throws ChitError `group_not_found`
 */
export async function groupForStaff({ groups }: Context, id: string): Promise<Group> {
  const group = await groups.byId(id);
  if (!group) throw new ChitError('group_not_found', undefined);
  return group;
}

/**
 * A group that a user manages and that has not ended.
 * @throws ChitError `group_not_found` also for a group of others, so that nobody learns of it;
 *   `permission_denied` for a member who does not manage it
 */
export async function groupForManager(
  { groups }: Context,
  userId: number,
  id: string,
): Promise<Group> {
  const role = await groups.roleIn(id, userId);
  const group = role && (await groups.byId(id));
  if (!group || group.endedAtMs !== undefined) throw new ChitError('group_not_found', undefined);
  if (role !== 'manager') throw new ChitError('permission_denied', undefined);
  return group;
}

/**
 * The pool of a group.
 * @throws ChitError `group_without_pool`
 */
export function poolOf({ poolId }: Group): number {
  if (poolId === undefined) throw new ChitError('group_without_pool', undefined);
  return poolId;
}

/** The name of a group in the audit log. */
export function groupTarget({ id }: Pick<Group, 'id'>): string {
  return `group:${id}`;
}
