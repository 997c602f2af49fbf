/** Tells of balances that groups share and that fell. */
import type { Notice } from '../../core/notices.ts';
import type { FallenPool } from '../../store/notices/watches.ts';
import type { Context } from '../context.ts';
import { operatorNotice, userNotice } from './new-notice.ts';

/** Pools of one look; the others have their turn at the next. */
const AT_ONCE = 100;

/**
 * Tells the managers of groups, and operators, of pools that have less than what is low for each of
 * their members: once until it was higher again, however many servers look.
 */
export async function tellLowPools({ watches, notices, policy, now }: Context): Promise<void> {
  const fallen = await watches.lowPools(policy.lowBalanceCredits, now(), AT_ONCE);
  await notices.add(fallen.flatMap(noticesOf));
}

function noticesOf({ groupId, group, managers, credits, belowCredits, key }: FallenPool): Notice[] {
  const data = { group, tokens: credits, below: belowCredits };
  return [
    operatorNotice('pool.low', { group_id: groupId, ...data }, { onceKey: key }),
    ...managers.map((it) => userNotice('pool.low', it, data, { onceKey: `${key}:${it}` })),
  ];
}
