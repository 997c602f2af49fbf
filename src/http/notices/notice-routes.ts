import { Type } from 'typebox';
import type { Context } from '../../app/context.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { USER_BODY_ERRORS, USER_ERRORS } from '../framework/common-schema.ts';
import { isoTime } from '../framework/iso-time.ts';
import { cursorText, idIn, limitIn, nextPage } from '../framework/paging.ts';
import { mailRoutes } from './mail-routes.ts';
import { mailStateRoutes } from './mail-state-routes.ts';
import { NoticeList, NoticeQuery, SeenNotices } from './notice-schema.ts';
import { webhookRoutes } from './webhook-routes.ts';

/** What users are told of their accounts, mail and webhooks. */
export function noticeRoutes(api: Api, context: Context): void {
  listRoutes(api, context);
  mailRoutes(api, context);
  mailStateRoutes(api, context);
  webhookRoutes(api, context);
}

function listRoutes(api: Api, context: Context): void {
  const { notices } = context;
  const shared = { tags: ['Notices'], security: [{ bearer: [] }] };

  api.get('/api/account/notices/', {
    config: { access: 'user' },
    schema: {
      ...shared,
      summary: 'List what you are told of your account',
      querystring: NoticeQuery,
      response: { 200: NoticeList, 400: USER_BODY_ERRORS[400], ...USER_ERRORS },
    },
    handler: async (request) => {
      const { id: userId } = userOf(request);
      const limit = limitIn(request.query);
      const beforeId = idIn(request.query.cursor);
      const found = await notices.of(userId, { beforeId, limit: limit + 1 });
      const shown = found.slice(0, limit);
      const last = found.length > limit ? shown.at(-1) : undefined;
      return {
        notices: shown.map(({ id, kind, data, atMs, isSeen }) => ({
          id,
          kind,
          data,
          created_at: isoTime(atMs),
          is_seen: isSeen,
        })),
        unseen: await notices.countUnseen(userId),
        ...nextPage(last && cursorText(last.id)),
      };
    },
  });

  api.post('/api/account/notices/seen/', {
    config: { access: 'user' },
    schema: {
      ...shared,
      summary: 'Say which notices you have seen',
      body: SeenNotices,
      response: { 204: Type.Null({ description: 'Noted.' }), ...USER_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      await notices.noteSeen(userOf(request).id, request.body.up_to, context.now());
      return reply.code(204).send(null);
    },
  });
}
