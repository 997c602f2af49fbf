/** Renews allowances that are due: one where it is looked at, all of them in the background. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountId } from '../../core/ledger.ts';
import type { DueAccount } from '../../store/credits/account-plans.ts';
import type { Context } from '../context.ts';
import { endAccountsOf } from './plan-work.ts';

/** Accounts per command: few enough that no chat waits long for the transaction. */
const BATCH = 200;
/**
 * Between two commands, for others. Not longer after a long one: a command mostly takes long
 * because it waits for chats, and then the pause would grow with the load, and the sweep never end.
 */
const PAUSE_MS = 15;
/** Where another server is renewing the same accounts, this one goes on so many batches later. */
const APART_BATCHES = 8;
const LEFTOVERS = 200;

/**
 * Renews an account whose renewal is due, so that what is shown of it is true. Costs nothing where
 * there are no plans, and one look-up where there are.
 * @throws ChitError `ledger_unavailable`
 */
export async function renewIfDue(context: Context, accountId: AccountId): Promise<void> {
  if (!context.plansInForce.hasPlans) return;
  const renewsAtMs = await context.accountPlans.renewalOf(accountId);
  if (renewsAtMs === undefined || renewsAtMs > context.now()) return;
  await context.ledger.submit({ kind: 'renew', accountIds: [accountId], atMs: context.now() });
}

/**
 * Renews all accounts that are due, in batches with pauses between them. Several servers may do so
 * at once: a renewal is booked once, and they keep out of each other's way.
 * @returns how many this server has renewed
 */
export async function sweepRenewals(
  { accountPlans, ledger, now }: Context,
  options: {
    readonly isStopping?: () => boolean;
    readonly pause?: (ms: number) => Promise<unknown>;
  } = {},
): Promise<number> {
  const { isStopping = () => false, pause = sleep } = options;
  let renewed = 0;
  let fruitless = 0;
  let offset = 0;
  let after: DueAccount | undefined;
  while (!isStopping()) {
    const due = await accountPlans.due(now(), { after, offset, limit: BATCH });
    if (due.length === 0) {
      if (!after && offset === 0) return renewed;
      // From the beginning again, for what was left out.
      after = undefined;
      offset = 0;
      continue;
    }
    after = due.at(-1);
    const accountIds = due.map(({ id }) => id);
    const result = await ledger.submitUntilKnown({ kind: 'renew', accountIds, atMs: now() });
    renewed += result.accounts;
    fruitless = result.accounts === 0 ? fruitless + 1 : 0;
    // Others are at it.
    if (fruitless > APART_BATCHES) return renewed;
    const isShared = result.accounts < accountIds.length;
    offset = isShared ? Math.floor(Math.random() * APART_BATCHES) * BATCH : 0;
    if (accountIds.length === BATCH) await pause(PAUSE_MS);
  }
  return renewed;
}

/**
 * Keeps the periods of all calendars in use known ahead.
 * @throws the first error, after all other calendars were filled
 */
export async function fillCalendars({ calendars, now }: Context): Promise<void> {
  const errors: unknown[] = [];
  for (const calendar of await calendars.inUse()) {
    await calendars.fill(calendar, now()).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
}

/** Ends the plans of accounts that were given one which was just ending, at their next renewal. */
export async function endLeftovers(context: Context, isStopping: () => boolean): Promise<void> {
  while (!isStopping()) {
    const accounts = await context.accountPlans.withEndedPlan(LEFTOVERS);
    if (accounts.length === 0) return;
    await endAccountsOf(context, accounts, { from: 'renewal', actor: 'system', operation: null });
  }
}
