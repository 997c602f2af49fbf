/** The responses to errors about mail and webhooks, in the one table of `errors.ts`. */
import type { ErrorCode } from '../../core/errors.ts';
import type { Responses } from './limit-errors.ts';

type NoticeErrorCode = Extract<
  ErrorCode,
  | `mail_${string}`
  | `email_${string}`
  | 'webhook_not_found'
  | 'too_many_webhooks'
  | 'delivery_not_found'
>;

const OBSTACLES = {
  link_over: 'its link works no longer. Whoever needs one can ask for another.',
  no_address: 'its user has no confirmed address any more.',
  not_wanted: 'its user wants no more mail of this kind.',
};

export const NOTICE_RESPONSES: Responses<NoticeErrorCode> = {
  mail_off: () => ({
    status: 409,
    detail: 'This site sends no mail. Whoever runs it can set CHIT_SMTP_URL.',
  }),
  email_taken: () => ({
    status: 409,
    detail: 'Another account of this site uses this address. Give another one.',
  }),
  email_missing: () => ({
    status: 409,
    detail: 'Your account has no address for mail. Give one on your account page and confirm it.',
  }),
  mail_failed: ({ reason, problem }) => ({
    status: 409,
    detail: `The mail was not sent: ${reason}`,
    params: { reason, problem },
  }),
  mail_not_repeated: ({ obstacle }) => ({
    status: 409,
    detail: `The mail is not sent again: ${OBSTACLES[obstacle]}`,
    params: { obstacle },
  }),
  webhook_not_found: () => ({ status: 404, detail: 'Webhook not found.' }),
  too_many_webhooks: ({ most }) => ({
    status: 409,
    detail: `There can be ${most} webhooks. Delete one first.`,
    params: { max: most },
  }),
  delivery_not_found: () => ({
    status: 404,
    detail: 'There is no such delivery, or it is not stored any more.',
  }),
};
