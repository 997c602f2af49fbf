/** What a directory does with groups by SCIM: it changes those that it made, and no others. */
import { ChitError, hasCode } from '../../core/errors.ts';
import type { ScimGroupChange, ScimGroupFilter } from '../../core/scim.ts';
import type { ScimGroup, ScimMember } from '../../store/directory/scim-groups.ts';
import type { ScimPage } from '../../store/directory/scim-users.ts';
import type { Group } from '../../store/groups/groups.ts';
import type { Context } from '../context.ts';
import {
  addMembers,
  changeGroup,
  endGroup,
  newGroup,
  removeMembers,
} from '../groups/manage-groups.ts';
import type { Principal } from '../principal.ts';
import { scimRefusal } from './scim-refusal.ts';

/** Members in one response; fewer groups are listed at once if they have more. */
const MOST_MEMBERS = 10_000;
const MOST_NAME = 100;

/** A group with its members, if they are asked for. */
export interface ScimGroupWithMembers {
  readonly group: ScimGroup;
  readonly members: readonly ScimMember[] | undefined;
}

/**
 * Makes a group, with a pool that staff can give tokens to.
 * @throws ChitError `scim_refused` if a group has the name, or a member is unknown
 */
export async function createScimGroup(
  context: Context,
  principal: Principal,
  wanted: ScimGroupChange & { readonly displayName: string },
): Promise<ScimGroup> {
  const name = requireName(wanted.displayName);
  const members = [...new Set([...(wanted.members ?? []), ...wanted.joining])];
  await requireKnown(context, members);
  const group = await addGroup(context, principal, { name, externalId: wanted.externalId });
  await join(context, principal, group.id, members);
  return scimGroup(context, group.id);
}

async function addGroup(
  context: Context,
  principal: Principal,
  { name, externalId }: { readonly name: string; readonly externalId: string | null | undefined },
): Promise<Group> {
  const wanted = { name, hasPool: true, models: undefined };
  for (;;) {
    const { group, entry } = newGroup(context, principal, wanted);
    const outcome = await context.scimGroups.add(group, entry, externalId ?? undefined);
    if (outcome === 'added') return group;
    if (outcome === 'name_taken') return explain(new ChitError('group_name_taken', undefined));
    // Somebody else got the id of the pool in this millisecond: try another.
  }
}

/**
 * Changes a group. Members whom staff added and who are no users of the directory stay, and whoever
 * stays keeps the role in it.
 * @throws ChitError `group_not_found`, `scim_refused`
 */
export async function changeScimGroup(
  context: Context,
  principal: Principal,
  id: string,
  change: ScimGroupChange,
): Promise<ScimGroup> {
  const before = await scimGroup(context, id);
  const name = change.displayName === undefined ? before.name : requireName(change.displayName);
  await requireKnown(context, [...(change.members ?? []), ...change.joining]);
  if (name !== before.name) await changeGroup(context, principal, id, { name }).catch(explain);
  const { joining, leaving } = await movesOf(context, id, change);
  await join(context, principal, id, joining);
  if (leaving.length > 0) await removeMembers(context, principal, id, leaving).catch(explain);
  await context.scimGroups.note(id, change.externalId, context.now());
  return scimGroup(context, id);
}

/**
 * Ends a group: its pool pays no more, and keeps what it has.
 * @throws ChitError `group_not_found`
 */
export async function endScimGroup(
  context: Context,
  principal: Principal,
  id: string,
): Promise<void> {
  await scimGroup(context, id);
  await endGroup(context, principal, id, undefined);
}

/** A group that the directory made and that has not ended. @throws ChitError `group_not_found` */
export async function scimGroup({ scimGroups }: Context, id: string): Promise<ScimGroup> {
  const group = await scimGroups.byId(id);
  if (!group) throw new ChitError('group_not_found', undefined);
  return group;
}

/** @throws ChitError what `HeavyReads` throws */
export async function membersOf(
  context: Context,
  { actor }: Principal,
  id: string,
): Promise<readonly ScimMember[]> {
  const members = await context.heavyReads.run(actor, () => context.scimGroups.members([id]));
  return members.get(id) ?? [];
}

/**
 * A part of the list of groups: fewer than asked for if they have very many members.
 * @throws ChitError what `HeavyReads` throws
 */
export function listScimGroups(
  context: Context,
  { actor }: Principal,
  filter: ScimGroupFilter,
  { withMembers, ...page }: ScimPage & { readonly withMembers: boolean },
): Promise<{ readonly groups: ScimGroupWithMembers[]; readonly total: number }> {
  const { scimGroups } = context;
  return context.heavyReads.run(actor, async () => {
    const { groups, total } = await scimGroups.page(filter, page);
    if (!withMembers) {
      return { groups: groups.map((group) => ({ group, members: undefined })), total };
    }
    const counts = await scimGroups.countMembers(groups.map(({ id }) => id));
    const fitting: ScimGroup[] = [];
    let count = 0;
    for (const group of groups) {
      count += counts.get(group.id) ?? 0;
      if (fitting.length > 0 && count > MOST_MEMBERS) break;
      fitting.push(group);
    }
    const members = await scimGroups.members(fitting.map(({ id }) => id));
    return {
      groups: fitting.map((group) => ({ group, members: members.get(group.id) ?? [] })),
      total,
    };
  });
}

/** Who has to come and go, of the users of the directory. */
async function movesOf(
  context: Context,
  id: string,
  { members, joining, leaving }: ScimGroupChange,
): Promise<{ joining: number[]; leaving: number[] }> {
  if (!members) {
    return {
      joining: [...joining],
      leaving: [...(await context.scimUsers.filterKnown([...leaving]))],
    };
  }
  const wanted = new Set([...members, ...joining].filter((it) => !leaving.has(it)));
  const present = (await context.scimGroups.members([id])).get(id) ?? [];
  return {
    joining: [...wanted],
    leaving: present.map(({ userId }) => userId).filter((it) => !wanted.has(it)),
  };
}

async function join(
  context: Context,
  principal: Principal,
  id: string,
  userIds: readonly number[],
): Promise<void> {
  if (userIds.length === 0) return;
  const users = userIds.map((userId) => ({ id: userId }));
  await addMembers(context, principal, id, { users, isManager: false }).catch(explain);
}

async function requireKnown({ scimUsers }: Context, userIds: readonly number[]): Promise<void> {
  const known = await scimUsers.filterKnown(userIds);
  const unknown = userIds.find((it) => !known.has(it));
  if (unknown === undefined) return;
  throw scimRefusal('invalidValue', `There is no user with the id "${unknown}"; nothing was done.`);
}

function requireName(displayName: string): string {
  const name = displayName.trim();
  if (name !== '' && [...name].length <= MOST_NAME) return name;
  throw scimRefusal('invalidValue', `displayName must have 1 to ${MOST_NAME} characters.`);
}

function explain(error: unknown): never {
  if (hasCode(error, 'group_name_taken')) {
    throw scimRefusal(
      'uniqueness',
      'A group has this name. A directory only changes groups that it made: rename the other one.',
    );
  }
  // Staff ended it just now.
  if (hasCode(error, 'group_ended')) throw new ChitError('group_not_found', undefined);
  throw error;
}
