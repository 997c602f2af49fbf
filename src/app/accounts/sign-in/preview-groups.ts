import type { GroupPreview } from '../../../core/sign-in-preview.ts';
import type { Context } from '../../context.ts';

/**
 * What would become of the groups that `chit.json` maps.
 * @param groups whether the person shall be in each, by name; undefined if all stays as it is
 * @param userId undefined for somebody who has no account yet
 */
export async function previewGroups(
  context: Context,
  groups: ReadonlyMap<string, boolean> | undefined,
  userId: number | undefined,
): Promise<GroupPreview[]> {
  const previews: GroupPreview[] = [];
  for (const [name, shallBeIn] of groups ?? []) {
    const group = await context.groups.byName(name);
    if (!group) {
      previews.push({ name, change: 'missing' });
      continue;
    }
    const isIn =
      userId !== undefined && (await context.groups.roleIn(group.id, userId)) !== undefined;
    const stays = isIn ? 'stays' : 'stays_out';
    const changes = shallBeIn ? 'joins' : 'leaves';
    previews.push({ name, change: shallBeIn === isIn ? stays : changes });
  }
  return previews;
}
