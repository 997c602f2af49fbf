/** Groups as their members and those who look after them see them. */
import { ChitError } from '../../core/errors.ts';
import type { Page } from '../../core/page.ts';
import { pageOf, rowsForPage } from '../../core/page.ts';
import type { GroupBudget, MemberBudget } from '../../store/groups/group-budgets.ts';
import type {
  ListedGroup,
  ListedMember,
  NameCursor,
  Pool,
} from '../../store/groups/group-lists.ts';
import { NO_POOL_SUMS, type PoolSums } from '../../store/groups/group-usage.ts';
import type { Group, Membership } from '../../store/groups/groups.ts';
import type { Context } from '../context.ts';
import { type PlanOfAccount, planOfAccount } from '../credits/account-plan.ts';
import { renewIfDue } from '../credits/renewals.ts';
import { periodsOf } from '../usage/periods.ts';

/** More groups of one user are not shown. */
const MOST_GROUPS = 200;

/** A group with its budgets. */
export interface GroupDetail extends ListedGroup {
  readonly budgets: readonly GroupBudget[];
  /** The plan of its pool. */
  readonly plan: PlanOfAccount | undefined;
}

/** A member, with what they used from the pool this month (UTC) and have left of its budgets. */
export interface MemberUse {
  readonly member: ListedMember;
  readonly sums: PoolSums;
  readonly budgets: readonly MemberBudget[];
}

/** A group of the reader. */
export interface OwnGroup extends Membership {
  /** Only for its managers. */
  readonly pool: Pool | undefined;
  readonly budgets: readonly MemberBudget[];
}

/** One group, for those who look after it. */
export async function readGroup(context: Context, group: Group): Promise<GroupDetail> {
  const { id, poolId } = group;
  // First, since it renews the pool if that is due.
  const plan = poolId === undefined ? undefined : await planOfAccount(context, poolId);
  const [listed, budgets] = await Promise.all([
    context.groupLists.one(id),
    context.groupBudgets.of([id]),
  ]);
  if (!listed) throw new ChitError('group_not_found', undefined);
  return { ...listed, budgets: budgets.get(id) ?? [], plan };
}

/** A page of the members of a group, in the order of their names. */
export async function readMembers(
  context: Context,
  group: Group,
  page: {
    readonly search: string | undefined;
    readonly after: NameCursor | undefined;
    readonly limit: number;
  },
): Promise<Page<{ readonly use: MemberUse; readonly cursor: NameCursor }>> {
  const { id, poolId } = group;
  const query = { ...page, limit: rowsForPage(page.limit) };
  const { items, last } = pageOf(await context.groupLists.members(id, query), page.limit);
  const ids = items.map(({ member }) => member.userId);
  const nowMs = context.now();
  const month = { fromMs: Date.parse(`${periodsOf(nowMs).month}-01`), toMs: nowMs };
  const budgets = (await context.groupBudgets.of([id])).get(id) ?? [];
  const [left, sums] = await Promise.all([
    context.groupBudgets.leftOf(budgets, ids, nowMs),
    poolId === undefined ? new Map() : context.groupUsage.ofUsers(poolId, month, ids),
  ]);
  const used = items.map(({ member, cursor }) => ({
    use: {
      member,
      sums: (sums.get(member.userId) as PoolSums | undefined) ?? NO_POOL_SUMS,
      budgets: left.get(member.userId) ?? [],
    },
    cursor,
  }));
  return { items: used, last: last && used.at(-1) };
}

/** The groups of a user that have not ended, with what the user has left in them. */
export async function readOwnGroups(context: Context, userId: number): Promise<OwnGroup[]> {
  const memberships = await context.groups.ofUser(userId, MOST_GROUPS);
  const budgets = await context.groupBudgets.of(memberships.map(({ group }) => group.id));
  const left = await context.groupBudgets.leftOf(
    [...budgets.values()].flat(),
    [userId],
    context.now(),
  );
  const ofUser = left.get(userId) ?? [];
  const own: OwnGroup[] = [];
  for (const it of memberships) {
    const ids = new Set(budgets.get(it.group.id)?.map(({ id }) => id));
    const { poolId } = it.group;
    if (it.isManager && poolId !== undefined) await renewIfDue(context, poolId);
    const listed = it.isManager ? await context.groupLists.one(it.group.id) : undefined;
    own.push({
      ...it,
      pool: listed?.pool,
      budgets: ofUser.filter(({ budget }) => ids.has(budget.id)),
    });
  }
  return own;
}
