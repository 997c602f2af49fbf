/** Makes groups and the role of a user what a provider says of them. */
import type { Claims } from '../../../auth/oidc/oidc-clients.ts';
import type { SignInProvider } from '../../../core/sign-in-provider.ts';
import type { Context } from '../../context.ts';
import { addMembers, removeMembers } from '../../groups/manage-groups.ts';
import type { Principal } from '../../principal.ts';
import { changeUser } from '../manage-users.ts';
import { groupsIn } from './claims.ts';

/**
 * Puts a user into the groups that the claim names and takes them out of those that it does not,
 * of the groups that `chit.json` maps: no others are touched. Managers stay managers. The same for
 * the role of staff, where it is mapped; superusers are none of the provider's business.
 */
export async function bringIntoLine(
  context: Context,
  provider: SignInProvider,
  { userId, claims, by }: { userId: number; claims: Claims; by: Principal },
): Promise<void> {
  const values = groupsIn(provider, claims);
  if (values === undefined) return;
  await alignGroups(context, provider, { userId, values, by });
  const { staff } = provider;
  if (staff === undefined) return;
  const user = await context.users.byId(userId);
  const isStaff = staff.some((it) => values.includes(it));
  if (!user || user.isSuperuser || user.isStaff === isStaff) return;
  await changeUser(context, by, userId, { isStaff, reason: undefined });
}

async function alignGroups(
  context: Context,
  { groups }: SignInProvider,
  { userId, values, by }: { userId: number; values: readonly string[]; by: Principal },
): Promise<void> {
  const names = [...new Set(Object.values(groups))];
  for (const name of names) {
    // A group that staff have not made yet, or that has ended.
    const group = await context.groups.byName(name);
    if (!group) continue;
    const isMember = Object.entries(groups).some(
      ([value, of]) => of === name && values.includes(value),
    );
    const isIn = (await context.groups.roleIn(group.id, userId)) !== undefined;
    if (isMember === isIn) continue;
    if (isMember) {
      await addMembers(context, by, group.id, { users: [{ id: userId }], isManager: false });
    } else {
      await removeMembers(context, by, group.id, [userId]);
    }
  }
}
