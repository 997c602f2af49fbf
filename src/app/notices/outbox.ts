/** What is done in the background to tell people and programs what they want to be told. */

import type { Context } from '../context.ts';
import { firstIdAt } from '../ids.ts';
import { deliverEvents } from './deliver-events.ts';
import { MailDelivery } from './deliver-mail.ts';
import { handOn } from './hand-on.ts';
import { tellLowBalances, tellOperators, tellRenewals } from './watch-balances.ts';
import { OperationWatch } from './watch-operation.ts';
import { tellLowPools } from './watch-pools.ts';

const HAND_ON_EVERY_MS = 1_000;
const DELIVER_EVERY_MS = 1_000;
const TELL_EVERY_MS = 20_000;
const LOOK_EVERY_MS = 10_000;
const LOOK_AT_DISKS_EVERY_MS = 300_000;
const FORGET_EVERY_MS = 900_000;
const KEEP_MS = 90 * 24 * 3_600_000;
/** Notices that are deleted in one transaction. */
const FORGET_AT_ONCE = 500;

/** Runs a job at an interval, one at a time. */
export type Every = (intervalMs: number, job: () => Promise<void>) => void;

/** Begins all of it. Each job goes on at its next turn after an error. */
export function runOutbox(
  context: Context,
  isStopping: () => boolean,
  { every, onError }: { readonly every: Every; readonly onError: (error: unknown) => void },
): void {
  every(HAND_ON_EVERY_MS, async () => {
    await handOn(context, isStopping);
  });
  const mail = new MailDelivery(context);
  mail.onUnreachable = (reason) =>
    onError(new Error(`The server for mail does not take mail: ${reason}`));
  every(DELIVER_EVERY_MS, async () => {
    await mail.run(isStopping);
  });
  every(DELIVER_EVERY_MS, async () => {
    await deliverEvents(context);
  });
  every(TELL_EVERY_MS, async () => {
    await tellLowBalances(context, isStopping);
    await tellLowPools(context);
    await tellRenewals(context, isStopping);
    await tellOperators(context, isStopping);
  });
  const watch = new OperationWatch(context);
  every(LOOK_EVERY_MS, () => watch.look());
  every(LOOK_AT_DISKS_EVERY_MS, () => watch.lookAtDisks());
  every(FORGET_EVERY_MS, () => forgetNotices(context, isStopping));
}

/** Erases links that are over, and deletes notices after 90 days, with their deliveries. */
export async function forgetNotices(
  { failedMail, notices, now }: Context,
  isStopping: () => boolean,
): Promise<void> {
  await failedMail.eraseLinks(now());
  const beforeId = firstIdAt(now() - KEEP_MS);
  while (!isStopping() && (await notices.deleteBefore(beforeId, FORGET_AT_ONCE)) > 0) {
    await new Promise(setImmediate);
  }
}
