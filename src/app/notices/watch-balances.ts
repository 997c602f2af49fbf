/** Tells of balances that fell, renewals, used-up allowances and sign-ups. */
import type { Notice, WebhookKind } from '../../core/notices.ts';
import type { FallenBalance, UsedUpAccount } from '../../store/notices/watches.ts';
import type { Context } from '../context.ts';
import { firstUserIdAt } from '../ids.ts';
import { operatorNotice, userNotice } from './new-notice.ts';

/** Accounts of one transaction, and of one run: ten thousand renewals hold up nothing. */
const AT_ONCE = 200;
const MOST_AT_ONE_RUN = 2_000;
/** Far more than a server or its database is away at a time when people sign up. */
const SIGNED_UP_WITHIN_MS = 3_600_000;

type IsStopping = () => boolean;

/** Tells users and operators of balances that fell, each once until they rise again. */
export async function tellLowBalances(
  { watches, policy, now }: Context,
  isStopping: IsStopping,
): Promise<void> {
  const site = policy.lowBalanceCredits;
  await watches.noteHigher(site);
  await inParts(isStopping, () =>
    watches.noteLow(site, noticesOfLow, { atMs: now(), limit: AT_ONCE }),
  );
}

function noticesOfLow({ userId, username, credits, belowCredits }: FallenBalance): Notice[] {
  const data = { tokens: credits, below: belowCredits };
  return [
    userNotice('balance.low', userId, data),
    operatorNotice('balance.low', { user_id: userId, username, ...data }, { userId }),
  ];
}

/** Tells those who want it that a period of their plan has begun. */
export async function tellRenewals({ watches }: Context, isStopping: IsStopping): Promise<void> {
  await inParts(isStopping, () =>
    watches.noteRenewals(
      ({ userId, credits }) => userNotice('allowance.renewed', userId, { tokens: credits }),
      AT_ONCE,
    ),
  );
}

/** Tells operators what only they want to know; looks for nothing that no webhook is for. */
export async function tellOperators(context: Context, isStopping: IsStopping): Promise<void> {
  const { watches, webhooks, notices, now } = context;
  const wanted = new Set<WebhookKind>((await webhooks.active()).flatMap(({ kinds }) => kinds));
  if (wanted.has('allowance.used_up')) {
    await inParts(isStopping, async () => {
      const found = await watches.usedUp(now(), AT_ONCE);
      await notices.add(found.map(noticeOfUsedUp));
      return found.length;
    });
  }
  if (wanted.has('user.signed_up')) {
    await inParts(isStopping, async () => {
      const found = await watches.signedUp(firstUserIdAt(now() - SIGNED_UP_WITHIN_MS), AT_ONCE);
      await notices.add(
        found.map(({ userId, username }) =>
          operatorNotice(
            'user.signed_up',
            { user_id: userId, username },
            { userId, onceKey: `user.signed_up:${userId}` },
          ),
        ),
      );
      return found.length;
    });
  }
}

function noticeOfUsedUp(account: UsedUpAccount): Notice {
  const { accountId, username, groupId, planId, renewsAtMs, renewedAtMs } = account;
  const userId = username === undefined ? undefined : accountId;
  return operatorNotice(
    'allowance.used_up',
    {
      user_id: userId ?? null,
      username: username ?? null,
      group_id: groupId ?? null,
      plan_id: planId,
      renews_at: renewsAtMs === undefined ? null : new Date(renewsAtMs).toISOString(),
    },
    {
      ...(userId === undefined ? {} : { userId }),
      onceKey: `allowance.used_up:${accountId}:${renewedAtMs}`,
    },
  );
}

/** Repeats a step until it finds less than it may, at most so often that others have their turn. */
async function inParts(isStopping: IsStopping, step: () => Promise<number>): Promise<void> {
  for (let found = 0; !isStopping() && found < MOST_AT_ONE_RUN; ) {
    const count = await step();
    found += count;
    if (count < AT_ONCE) return;
    await new Promise(setImmediate);
  }
}
