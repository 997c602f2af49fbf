/** What staff and the command line can do with groups. */
import type { AuditEntry } from '../../core/audit-log.ts';
import { ChitError, invalidField } from '../../core/errors.ts';
import type { ListedUser } from '../../store/accounts/users.ts';
import type { Group, GroupChange } from '../../store/groups/groups.ts';
import type { Context } from '../context.ts';
import { newId, newUserId } from '../ids.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { groupForStaff, groupTarget } from './group-access.ts';

/** A user by name, by id or both. */
export interface NamedUser {
  readonly username?: string | undefined;
  readonly id?: number | undefined;
}

/** What a new group shall be. */
export interface WantedGroup {
  readonly name: string;
  readonly hasPool: boolean;
  readonly models: readonly string[] | undefined;
}

/**
 * Creates a group without members.
 * @param wanted `models` are what its pool pays for; undefined for all
 * @throws ChitError `group_name_taken`, `invalid_fields` for an unknown model
 */
export async function createGroup(
  context: Context,
  principal: Principal,
  wanted: WantedGroup,
): Promise<Group> {
  requireModels(context, wanted.models);
  for (;;) {
    const { group, entry } = newGroup(context, principal, wanted);
    const outcome = await context.groups.add(group, entry);
    if (outcome === 'added') return group;
    if (outcome === 'name_taken') throw new ChitError('group_name_taken', undefined);
    // Somebody else got the id of the pool in this millisecond: try another.
  }
}

/** A group as it will be stored, and its entry for the audit log. */
export function newGroup(
  context: Context,
  principal: Principal,
  { name, hasPool, models }: WantedGroup,
): { readonly group: Group; readonly entry: AuditEntry } {
  const group: Group = {
    id: newId(),
    name: name.trim(),
    poolId: hasPool ? newUserId() : undefined,
    models,
    createdAtMs: context.now(),
    endedAtMs: undefined,
  };
  const entry = auditEntry(principal, {
    action: 'group.create',
    target: groupTarget(group),
    after: facts(group),
  });
  return { group, entry };
}

/**
 * Renames a group, or sets the models that its pool pays for.
 * @throws ChitError `group_not_found`, `group_ended`, `group_name_taken`, `invalid_fields`
 */
export async function changeGroup(
  context: Context,
  principal: Principal,
  id: string,
  { name, models }: GroupChange,
): Promise<Group> {
  requireModels(context, models ?? undefined);
  const change = { name: name?.trim(), models };
  const changed = await context.groups.change(id, change, (before, after) =>
    auditEntry(principal, {
      action: 'group.change',
      target: groupTarget(before),
      before: facts(before),
      after: facts(after),
    }),
  );
  if (changed === 'name_taken') throw new ChitError('group_name_taken', undefined);
  return changed ?? endedOrUnknown(context, id);
}

/**
 * Ends a group: its pool pays for nobody any more, and what it holds stays until staff move it. Its
 * allowance is not renewed; what is left of the present one stays until it would have been.
 * Replies in progress are charged as usual.
 * @throws ChitError `group_not_found`
 */
export async function endGroup(
  context: Context,
  principal: Principal,
  id: string,
  reason: string | undefined,
): Promise<Group> {
  const group = await groupForStaff(context, id);
  const entry = auditEntry(principal, {
    action: 'group.end',
    target: groupTarget(group),
    reason,
    before: facts(group),
  });
  await context.groups.end(id, entry);
  const listed = await context.groupLists.one(id);
  if (group.poolId !== undefined && listed?.pool?.plan) {
    // Again for a group that has ended: the server may have stopped in between.
    await context.ledger.submit({
      kind: 'assign_plan',
      accountId: group.poolId,
      planId: undefined,
      from: 'renewal',
      allowanceId: newId(),
      expiryId: newId(),
      actor: principal.actor,
      atMs: context.now(),
    });
  }
  return groupForStaff(context, id);
}

/**
 * Adds users to a group: all of them or none. Those who are in it stay as they are.
 * @returns how many were not in it before
 * @throws ChitError `group_not_found`, `group_ended`, `users_unknown`
 */
export async function addMembers(
  context: Context,
  principal: Principal,
  id: string,
  { users, isManager }: { readonly users: readonly NamedUser[]; readonly isManager: boolean },
): Promise<number> {
  const group = await groupForStaff(context, id);
  const found = await usersNamed(context, users);
  const entryOf = memberEntry(principal, 'group.add_member', { group, isManager });
  const userIds = [...new Set(found.map((user) => user.id))].toSorted((a, b) => a - b);
  const joining = { userIds, isManager, atMs: context.now() };
  const added = await context.groups.addMembers(id, joining, entryOf);
  return added?.length ?? endedOrUnknown(context, id);
}

/**
 * Takes users out of a group. Its pool pays for none of their requests that begin from now on.
 * @returns how many were in it
 * @throws ChitError `group_not_found`
 */
export async function removeMembers(
  context: Context,
  principal: Principal,
  id: string,
  userIds: readonly number[],
): Promise<number> {
  const group = await groupForStaff(context, id);
  const entryOf = memberEntry(principal, 'group.remove_member', { group });
  const distinct = [...new Set(userIds)].toSorted((a, b) => a - b);
  return (await context.groups.removeMembers(id, distinct, entryOf)).length;
}

/**
 * Makes a member a manager of the group, or no longer one.
 * @throws ChitError `group_not_found`, `group_member_not_found`
 */
export async function setManager(
  context: Context,
  principal: Principal,
  id: string,
  { userId, isManager }: { readonly userId: number; readonly isManager: boolean },
): Promise<void> {
  const group = await groupForStaff(context, id);
  const entry = memberEntry(principal, 'group.set_manager', { group, isManager })(userId);
  if (await context.groups.setManager(id, userId, isManager, entry)) return;
  throw new ChitError('group_member_not_found', undefined);
}

/**
 * The users who are named, in that order.
 * @throws ChitError `users_unknown` if one is not there, or has another name than the id
 */
export async function usersNamed(
  { users }: Context,
  named: readonly NamedUser[],
): Promise<ListedUser[]> {
  const found = await users.among({
    usernames: named.flatMap(({ username, id }) => (id === undefined ? (username ?? []) : [])),
    ids: named.flatMap(({ id }) => id ?? []),
  });
  const byName = new Map(found.map((it) => [it.username, it]));
  const byId = new Map(found.map((it) => [it.id, it]));
  const unknown: string[] = [];
  const all = named.flatMap(({ username, id }) => {
    const user = id === undefined ? byName.get(username ?? '') : byId.get(id);
    if (user && (username === undefined || user.username === username)) return user;
    unknown.push(username ?? String(id ?? ''));
    return [];
  });
  if (unknown.length > 0) throw new ChitError('users_unknown', { users: unknown });
  return all;
}

function memberEntry(
  principal: Principal,
  action: 'group.add_member' | 'group.remove_member' | 'group.set_manager',
  { group, isManager }: { readonly group: Group; readonly isManager?: boolean },
): (userId: number) => AuditEntry {
  return (userId) =>
    auditEntry(principal, {
      action,
      target: `user:${userId}`,
      after: {
        group: group.id,
        group_name: group.name,
        ...(isManager === undefined ? {} : { is_manager: isManager }),
      },
    });
}

function facts({ name, models, poolId }: Group) {
  return { name, pool: poolId !== undefined, models: models?.join(', ') ?? null };
}

function requireModels({ catalogue }: Context, models: readonly string[] = []): void {
  const unknown = models.find((name) => !catalogue.find(name));
  if (unknown === undefined) return;
  const fault = { code: 'unknown_model', model: unknown } as const;
  throw invalidField('models', `There is no model "${unknown}".`, fault);
}

async function endedOrUnknown(context: Context, id: string): Promise<never> {
  await groupForStaff(context, id);
  throw new ChitError('group_ended', undefined);
}
