import type { Context } from '../../app/context.ts';
import { resendAllMail, resendMail } from '../../app/notices/resend-mail.ts';
import { sendTestMail } from '../../app/notices/test-mail.ts';
import { principalOf, staffWith, userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { detailed, STAFF_BODY_ERRORS, STAFF_ERRORS } from '../framework/common-schema.ts';
import { isoTime } from '../framework/iso-time.ts';
import { cursorText, idIn, limitIn, nextPage } from '../framework/paging.ts';
import {
  FailedMailList,
  FailedMailPath,
  FailedMailQuery,
  MailState,
  ResentMail,
  TestedMail,
  WhichMail,
} from './mail-state-schema.ts';
import { requireSuperuser } from './require-superuser.ts';
import { Queued } from './webhook-schema.ts';

const shared = { tags: ['Admin: site'], security: [{ bearer: [] }] };
const FAILED_SHOWN = 20;

/** How the mail of the site does, for superusers. */
export function mailStateRoutes(api: Api, context: Context): void {
  stateRoutes(api, context);
  failedRoutes(api, context);
}

function stateRoutes(api: Api, context: Context): void {
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
        200: TestedMail,
        409: detailed('No mail is sent, you have no address, or the server did not take it.'),
        ...STAFF_ERRORS,
      },
    },
    handler: async (request) => {
      requireSuperuser(request);
      return sendTestMail(context, principalOf(request));
    },
  });
}

function failedRoutes(api: Api, context: Context): void {
  api.get('/api/admin/mail/failed/', {
    config: staffWith('operations:read'),
    schema: {
      ...shared,
      summary: 'List mail that was given up, newest first; superusers only',
      querystring: FailedMailQuery,
      response: { 200: FailedMailList, ...STAFF_ERRORS },
    },
    handler: async (request) => {
      requireSuperuser(request);
      const { query } = request;
      const limit = limitIn(query);
      const page = { beforeId: idIn(query.cursor), limit: limit + 1, atMs: context.now() };
      const [found, kinds] = await Promise.all([
        context.failedMail.page(filterOf(query), page),
        context.failedMail.kinds(),
      ]);
      const shown = found.slice(0, limit);
      const last = found.length > limit ? shown.at(-1) : undefined;
      return {
        mails: shown.map((it) => ({
          id: it.id,
          kind: it.kind,
          user: it.userId === undefined ? null : { id: it.userId, username: it.username ?? '' },
          attempts: it.attempts,
          last_error: it.lastError ?? null,
          ended_at: isoTime(it.endedAtMs),
          obstacle: it.obstacle ?? null,
        })),
        kinds: [...kinds],
        ...nextPage(last && cursorText(last.id)),
      };
    },
  });

  api.post('/api/admin/mail/failed/retry/', {
    config: staffWith('operations:write'),
    schema: {
      ...shared,
      summary:
        'Send mail again that was given up: all of it, of a kind, since a time; superusers only',
      body: WhichMail,
      response: { 202: ResentMail, 409: detailed('No mail is sent.'), ...STAFF_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      requireSuperuser(request);
      const resent = await resendAllMail(context, principalOf(request), filterOf(request.body));
      return reply.code(202).send(resent);
    },
  });

  api.post('/api/admin/mail/failed/:id/retry/', {
    config: staffWith('operations:write'),
    schema: {
      ...shared,
      summary: 'Send a mail again that was given up; superusers only',
      params: FailedMailPath,
      response: {
        202: { ...Queued, description: 'It is sent within seconds.' },
        404: detailed('There is no such mail, or it waits again.'),
        409: detailed('No mail is sent, or nobody would have any use of this one.'),
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      requireSuperuser(request);
      const { id } = request.params;
      await resendMail(context, principalOf(request), id);
      return reply.code(202).send({ id });
    },
  });
}

function filterOf({ kind, since }: { readonly kind?: string; readonly since?: string }) {
  return { kind, sinceMs: since === undefined ? undefined : Date.parse(since) };
}
