import { BULK_KINDS } from '../../core/notices.ts';
import type { NewDelivery, NewNotice } from '../../store/notices/deliveries.ts';
import type { ListedWebhook } from '../../store/notices/webhooks.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';

/** Notices of one transaction, which is short. */
const AT_ONCE = 100;
const MOST_AT_ONE_RUN = 2_000;

/**
 * Makes mail and events of notices that nobody has handed on: for whom they are is known only then.
 * Several servers may do so at once. Notices that are not sent to anybody stay on the page.
 * @returns how many were looked at
 */
export async function handOn(
  { deliveries, webhooks, mail, now }: Context,
  isStopping: () => boolean = () => false,
): Promise<number> {
  let looked = 0;
  while (!isStopping() && looked < MOST_AT_ONE_RUN) {
    const notices = await deliveries.newNotices(AT_ONCE);
    if (notices.length === 0) return looked;
    looked += notices.length;
    const hasEvents = notices.some(({ audience }) => audience === 'operators');
    const listening = hasEvents ? await webhooks.active() : [];
    const atMs = now();
    const made = notices.flatMap((it) =>
      it.audience === 'user' ? mailOf(it, mail !== undefined, atMs) : eventsOf(it, listening, atMs),
    );
    await deliveries.handOn(
      notices.map(({ id }) => id),
      made,
    );
  }
  return looked;
}

function mailOf(
  { id, kind, mailTo, isWanted }: NewNotice,
  hasMail: boolean,
  atMs: number,
): NewDelivery[] {
  if (!hasMail || mailTo === undefined || !isWanted) return [];
  const isBulk = BULK_KINDS.includes(kind);
  return [{ id: newId(), noticeId: id, webhookId: undefined, mailTo, isBulk, atMs }];
}

function eventsOf(
  { id, kind }: NewNotice,
  webhooks: readonly ListedWebhook[],
  atMs: number,
): NewDelivery[] {
  return webhooks
    .filter(({ kinds }) => (kinds as readonly string[]).includes(kind))
    .map(
      ({ id: webhookId }): NewDelivery => ({
        id: newId(),
        noticeId: id,
        webhookId,
        mailTo: undefined,
        atMs,
      }),
    );
}
