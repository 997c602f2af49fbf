/** Mail that was given up is seen by staff, and sent again. */
import { ChitError } from '../../core/errors.ts';
import type { FailedMail, FailedMailFilter } from '../../store/notices/failed-mail.ts';
import type { Context } from '../context.ts';
import { auditEntry, type Principal } from '../principal.ts';
import { requireMail } from './email-address.ts';

/** Mails of one transaction. */
const AT_ONCE = 200;

/** What came of having mail sent again. */
export interface ResentMail {
  /** Sent within seconds, by a server that runs. */
  readonly queued: number;
  /** Not sent again, since nobody would have any use of it. */
  readonly left: number;
}

/**
 * Has one mail sent again, for another day.
 * @throws ChitError `mail_off`, `delivery_not_found`, `mail_not_repeated` with the obstacle
 */
export async function resendMail(
  context: Context,
  principal: Principal,
  id: string,
): Promise<void> {
  requireMail(context);
  const { failedMail, now } = context;
  const mail = await failedMail.find(id, now());
  if (!mail) throw new ChitError('delivery_not_found', undefined);
  const { obstacle } = mail;
  if (obstacle) throw new ChitError('mail_not_repeated', { obstacle });
  const queued = await failedMail.retry([id], now(), entryOf(principal, { kind: mail.kind }));
  if (queued === 0) throw new ChitError('delivery_not_found', undefined);
}

/**
 * Has all mail sent again that was given up, or some of it.
 * @throws ChitError `mail_off`
 */
export async function resendAllMail(
  context: Context,
  principal: Principal,
  filter: FailedMailFilter,
): Promise<ResentMail> {
  requireMail(context);
  const { failedMail, now } = context;
  let queued = 0;
  let left = 0;
  for (let beforeId: string | undefined; ; ) {
    const page = { beforeId, limit: AT_ONCE, atMs: now() };
    const found: readonly FailedMail[] = await failedMail.page(filter, page);
    const ids = found.filter((it) => it.obstacle === undefined).map(({ id }) => id);
    const retried = await failedMail.retry(ids, now(), entryOf(principal, filter));
    queued += retried;
    left += found.length - retried;
    if (found.length < AT_ONCE) return { queued, left };
    beforeId = found.at(-1)?.id;
  }
}

function entryOf(principal: Principal, { kind, sinceMs }: FailedMailFilter) {
  const since = sinceMs === undefined ? {} : { since: new Date(sinceMs).toISOString() };
  return (mails: number) =>
    auditEntry(principal, {
      action: 'mail.resend',
      target: 'site',
      after: { mails, ...(kind === undefined ? {} : { kind }), ...since },
    });
}
