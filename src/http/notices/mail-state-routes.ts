import type { Context } from '../../app/context.ts';
import { sendTestMail } from '../../app/notices/test-mail.ts';
import { principalOf, staffWith, userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { detailed, STAFF_ERRORS } from '../framework/common-schema.ts';
import { isoTime } from '../framework/iso-time.ts';
import { ConfirmedEmail } from './mail-schema.ts';
import { requireSuperuser } from './require-superuser.ts';
import { MailState } from './webhook-schema.ts';

const shared = { tags: ['Admin: site'], security: [{ bearer: [] }] };
const FAILED_SHOWN = 20;

/** How the mail of the site does, for superusers. */
export function mailStateRoutes(api: Api, context: Context): void {
  api.get('/api/admin/mail/', {
    config: staffWith('operations:read'),
    schema: {
      ...shared,
      summary: 'Read how mail does: what waits and what was given up; superusers only',
      response: { 200: MailState, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      requireSuperuser(request);
      const { mail, deliveries, emails } = context;
      const own = await emails.of(userOf(request).id);
      const { waiting, oldestWaitingAtMs, failed } = await deliveries.mailQueue(FAILED_SHOWN);
      return {
        sends_mail: mail !== undefined,
        server: mail?.server ?? null,
        from: mail?.from ?? null,
        waiting,
        oldest_waiting_at: isoTime(oldestWaitingAtMs),
        failed: failed.map(({ id, kind, attempts, lastError, endedAtMs }) => ({
          id,
          kind,
          attempts,
          last_error: lastError ?? null,
          ended_at: isoTime(endedAtMs),
        })),
        own_email: own?.verifiedAtMs === undefined ? null : own.email,
      };
    },
  });

  api.post('/api/admin/mail/test/', {
    config: staffWith('signed_in_only'),
    schema: {
      ...shared,
      summary: 'Send a test mail to yourself; superusers only',
      response: {
        200: { ...ConfirmedEmail, description: 'The server for mail has taken it.' },
        409: detailed('No mail is sent, you have no address, or the server did not take it.'),
        ...STAFF_ERRORS,
      },
    },
    handler: async (request) => {
      requireSuperuser(request);
      return { email: await sendTestMail(context, principalOf(request)) };
    },
  });
}
