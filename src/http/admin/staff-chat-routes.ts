import { readChats } from '../../app/admin/read-chats.ts';
import type { Context } from '../../app/context.ts';
import { ChitError } from '../../core/errors.ts';
import { ChatList, ChatSearch, STAFF_BODY_ERRORS } from '../accounts/managed-user-schema.ts';
import { userIdIn } from '../accounts/usernames.ts';
import type { Api } from '../framework/api.ts';
import { detailed } from '../framework/common-schema.ts';
import { foundOf, idIn, iso, limitIn, staffIn } from '../framework/lists.ts';

/** What users said. By POST, since each look is written down, and its reason is in no address. */
export function adminChatRoutes(api: Api, context: Context): void {
  api.post('/api/admin/chats/', {
    config: { access: 'staff' },
    schema: {
      tags: ['Admin: chats'],
      security: [{ bearer: [] }],
      summary: 'Look at what users said, where CHIT_STAFF_READS_CHATS allows it',
      body: ChatSearch,
      response: { 200: ChatList, 404: detailed('There is no such user.'), ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const { reason, user, q, cursor } = request.body;
      const userId = user === undefined ? undefined : await idOf(context, user);
      const search = q?.trim() || undefined;
      const limit = limitIn(request.body);
      const query = { reason, userId, search, beforeId: idIn(cursor), limit };
      const page = await readChats(context, staffIn(request), query);
      return {
        chats: page.rows.map((it) => ({
          id: it.id,
          user: it.userId,
          username: it.username ?? null,
          model: it.model,
          message: it.content,
          response: it.reply,
          timestamp: iso(it.createdAtMs),
        })),
        ...foundOf(page),
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
