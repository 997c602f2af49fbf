import { readChats } from '../../app/admin/chats.ts';
import type { Context } from '../../app/context.ts';
import type { Api } from '../api.ts';
import { ChatList, ChatSearch, STAFF_BODY_ERRORS } from '../schemas/admin.ts';
import { cursorIn, cursorText, iso, limitIn, staffIn } from './pages.ts';

/** What users said. By POST, since each look is written down, and its reason is in no address. */
export function adminChatRoutes(api: Api, context: Context): void {
  api.post('/api/admin/chats/', {
    config: { access: 'staff' },
    schema: {
      tags: ['Admin: chats'],
      security: [{ bearer: [] }],
      summary: 'Look at what users said, where CHIT_STAFF_READS_CHATS allows it',
      body: ChatSearch,
      response: { 200: ChatList, ...STAFF_BODY_ERRORS },
    },
    handler: async (request) => {
      const { reason, user: userId, q, cursor } = request.body;
      const search = q?.trim() || undefined;
      const beforeId = cursorIn(cursor, (it): it is string => typeof it === 'string');
      const limit = limitIn(request.body);
      const query = { reason, userId, search, beforeId, limit };
      const page = await readChats(context, staffIn(request), query);
      const { nextId, searchedBackToMs } = page;
      return {
        chats: page.chats.map((it) => ({
          ...{ id: it.id, user: it.userId, username: it.username ?? null, model: it.model },
          ...{ message: it.content, response: it.reply, timestamp: iso(it.createdAtMs) },
        })),
        searched_back_to: iso(searchedBackToMs),
        has_more: nextId !== undefined,
        next_cursor: nextId === undefined ? null : cursorText(nextId),
      };
    },
  });
}
