/** Users for whose chats six limits count, in a workspace that may have others. */

import { createPlan } from '../../src/app/credits/plans.ts';
import { setOwnLimit, setStaffLimit } from '../../src/app/credits/user-limits.ts';
import { addGroupBudget } from '../../src/app/groups/group-budgets.ts';
import { addMembers, createGroup } from '../../src/app/groups/manage-groups.ts';
import { assignPlanToPool } from '../../src/app/groups/pool-plan.ts';
import { newId, newUserId } from '../../src/app/ids.ts';
import type { Principal } from '../../src/app/principal.ts';
import type { Chit } from '../../src/compose.ts';
import { USERS } from './accounts.ts';

const MEMBERS = 16;
/** Nobody comes near any of the limits. */
const AMPLE_CREDITS = 1_000_000_000_000;
const TIME_ZONE = 'Europe/Berlin';
const WHO: Principal = { actor: 'cli:bench', address: undefined, user: undefined };

/**
 * Adds as many users as there are without limits. The pool of a group pays for each: the pool
 * itself, the member's share, two windows of the pool's plan, the ceiling by staff, and the user's
 * own one.
 * @returns their ids
 */
export async function addLimitedUsers({ context }: Chit): Promise<number[]> {
  const { plan } = await createPlan(
    context,
    WHO,
    {
      name: 'Class',
      allowanceCredits: AMPLE_CREDITS,
      calendar: { kind: 'month', day: 1, timeZone: TIME_ZONE },
      windows: [
        { limitCredits: AMPLE_CREDITS, window: { kind: 'hours', hours: 5 } },
        {
          limitCredits: AMPLE_CREDITS,
          window: { kind: 'calendar', calendar: { kind: 'day', timeZone: TIME_ZONE } },
        },
      ],
      models: undefined,
      requestsPerMinute: undefined,
      usagePerMinute: undefined,
    },
    { isDryRun: false },
  );
  const ids: number[] = [];
  for (let first = 0; first < USERS; first += MEMBERS) {
    const members = await Promise.all(
      Array.from({ length: MEMBERS }, (_, nth) => addUser(context, `limited-${first + nth}`)),
    );
    const name = `Class ${first / MEMBERS}`;
    const group = await createGroup(context, WHO, { name, hasPool: true, models: undefined });
    const users = members.map((id) => ({ id }));
    await addMembers(context, WHO, group.id, { users, isManager: false });
    await addGroupBudget(context, WHO, group, {
      limitCredits: AMPLE_CREDITS,
      window: { kind: 'calendar', calendar: { kind: 'week', weekday: 1, timeZone: TIME_ZONE } },
    });
    await assignPlanToPool(context, WHO, group, { planId: plan.id, from: 'now' });
    for (const id of members) {
      const limit = { credits: AMPLE_CREDITS, timeZone: TIME_ZONE };
      await setStaffLimit(context, WHO, id, { ...limit, window: 'month', reason: 'Bench' });
      await setOwnLimit(context, id, { ...limit, window: 'day' });
    }
    ids.push(...members);
  }
  return ids;
}

/** A user who has nothing and never logs in. */
async function addUser({ ledger, now }: Chit['context'], username: string): Promise<number> {
  for (;;) {
    const accountId = newUserId();
    const { outcome } = await ledger.submit({
      kind: 'open',
      accountId,
      user: { username, passwordHash: '-', isStaff: false, isSuperuser: false },
      openingTransferId: newId(),
      openingCredits: 0,
      idempotency: undefined,
      atMs: now(),
    });
    if (outcome === 'opened') return accountId;
    // Somebody else got the id in this millisecond.
    if (outcome !== 'id_taken') throw new Error(`${username}: ${outcome}`);
  }
}
