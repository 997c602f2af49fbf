/** What the members of a group use from its pool. */
import {
  type GroupUsageStore,
  NO_POOL_SUMS,
  type PoolSums,
  type Span,
} from '../../store/groups/group-usage.ts';
import type { Group } from '../../store/groups/groups.ts';
import type { Context } from '../context.ts';
import { periodsBetween, periodsOf } from './periods.ts';

export type PoolStep = 'day' | 'month';

/** The use of a pool in a period. */
export interface PoolPoint {
  readonly period: string;
  readonly sums: PoolSums;
}

/** The use of a pool by a member, or by somebody who was one. */
export interface UserOfPool {
  readonly userId: number;
  /** Undefined once the user was deleted. */
  readonly username: string | undefined;
  readonly sums: PoolSums;
}

/** The use of the pool of a group by period, in UTC. A group without a pool uses nothing. */
export async function readPoolPoints(
  { groupUsage }: Context,
  { poolId }: Group,
  { step, ...span }: Span & { readonly step: PoolStep },
): Promise<PoolPoint[]> {
  const days = poolId === undefined ? [] : await groupUsage.byDay(poolId, span);
  const byPeriod = new Map<string, PoolSums>();
  for (const { dayMs, sums } of days) {
    const period = periodsOf(dayMs)[step];
    byPeriod.set(period, added(byPeriod.get(period) ?? NO_POOL_SUMS, sums));
  }
  return periodsBetween(step, span.fromMs, span.toMs).map((period) => ({
    period,
    sums: byPeriod.get(period) ?? NO_POOL_SUMS,
  }));
}

/** The use of the pool of a group by user, the most charged first. */
export async function readPoolUsers(
  { groupUsage, users }: Context,
  { poolId }: Group,
  span: Span,
  limit: number,
): Promise<UserOfPool[]> {
  const found: Awaited<ReturnType<GroupUsageStore['byUser']>> =
    poolId === undefined ? [] : await groupUsage.byUser(poolId, span, limit);
  const named = await users.among({ usernames: [], ids: found.map(({ userId }) => userId) });
  const names = new Map(named.map(({ id, username }) => [id, username]));
  return found.map(({ userId, sums }) => ({ userId, username: names.get(userId), sums }));
}

function added(a: PoolSums, b: PoolSums): PoolSums {
  return {
    messages: a.messages + b.messages,
    charged: a.charged + b.charged,
    refunded: a.refunded + b.refunded,
    input: a.input + b.input,
    output: a.output + b.output,
  };
}
