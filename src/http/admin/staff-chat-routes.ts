import { readChats } from '../../app/admin/read-chats.ts';
import type { Context } from '../../app/context.ts';
import { ChitError } from '../../core/errors.ts';
import { userIdIn } from '../accounts/usernames.ts';
import { REPLY_FAILURE_TEXT } from '../chat/reply-failure-text.ts';
import { principalOf, staffWith } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import { detailed, READ_ERRORS, STAFF_BODY_ERRORS } from '../framework/common-schema.ts';
import { isoTime } from '../framework/iso-time.ts';
import { idIn, limitIn, nextSearchPage } from '../framework/paging.ts';
import { ChatList, ChatSearch } from './staff-chat-schema.ts';

/** Messages of users, for staff. By POST, to keep the reason for reading them out of the URL. */
export function staffChatRoutes(api: Api, context: Context): void {
  api.post('/api/admin/chats/', {
    config: staffWith('signed_in_only'),
    schema: {
      tags: ['Admin: chats'],
      security: [{ bearer: [] }],
      summary: 'Read messages of users, if CHIT_STAFF_READS_CHATS allows it',
      body: ChatSearch,
      response: {
        200: ChatList,
        404: detailed('User not found.'),
        ...READ_ERRORS,
        ...STAFF_BODY_ERRORS,
      },
    },
    handler: async (request) => {
      const { reason, user, q, cursor } = request.body;
      const page = await readChats(context, principalOf(request), {
        reason,
        userId: user === undefined ? undefined : await idOf(context, user),
        search: q?.trim() || undefined,
        beforeId: idIn(cursor),
        limit: limitIn(request.body),
      });
      return {
        chats: page.rows.map((it) => ({
          id: it.id,
          user: it.userId,
          username: it.username ?? null,
          model: it.model,
          message: it.content,
          response: it.reply,
          failure: it.failure && REPLY_FAILURE_TEXT[it.failure],
          failure_code: it.failure,
          timestamp: isoTime(it.createdAtMs),
        })),
        ...nextSearchPage(page),
      };
    },
  });
}

/** @throws ChitError `user_unknown` */
async function idOf({ users }: Context, text: string): Promise<number> {
  const id = userIdIn(text) ?? (await users.byUsername(text.trim()))?.id;
  if (id === undefined) throw new ChitError('user_unknown', undefined);
  return id;
}
