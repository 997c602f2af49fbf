import {
  openSharedFile,
  readShare,
  shareConversation,
  sharedConversation,
  unshareConversation,
} from '../../app/chat/shares.ts';
import type { Context } from '../../app/context.ts';
import type { Share as StoredShare } from '../../store/chat/shares.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  NoContent,
  PUBLIC_BODY_ERRORS,
  READ_ERRORS,
  USER_BODY_ERRORS,
  USER_ERRORS,
} from '../framework/common-schema.ts';
import { isoTime } from '../framework/iso-time.ts';
import { limitIn, nextPage } from '../framework/paging.ts';
import { ConversationPath } from './conversation-schema.ts';
import { sharedMessage, sharePath } from './conversation-views.ts';
import { FileContent } from './file-schema.ts';
import { sendContent } from './send-content.ts';
import {
  Share,
  ShareChange,
  SharedConversation,
  SharedFilePath,
  SharedPath,
  SharedQuery,
} from './share-schema.ts';

const tags = ['Conversations'];
const security = [{ bearer: [] }];
const config = { access: 'user' } as const;
const NotFound = { 404: detailed('There is no such conversation.') };

/** Sharing conversations by links, and reading what is shared. */
export function shareRoutes(api: Api, context: Context): void {
  ownRoutes(api, context);

  api.get('/api/shared/:token/', {
    config: { access: 'public' },
    schema: {
      tags,
      summary: 'Read a shared conversation',
      params: SharedPath,
      querystring: SharedQuery,
      response: {
        200: SharedConversation,
        404: detailed('The link is unknown, has expired, or was removed.'),
        ...READ_ERRORS,
        ...PUBLIC_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const shared = await sharedConversation(context, request.ip, request.params.token, {
        afterId: request.query.cursor,
        limit: limitIn(request.query),
      });
      const { items, last } = shared.messages;
      reply.header('x-robots-tag', 'noindex');
      return {
        title: shared.title,
        kind: shared.share.kind,
        shared_at: isoTime(shared.share.sharedAtMs),
        expires_at: isoTime(shared.share.expiresAtMs),
        username: shared.username ?? null,
        messages: items.map(sharedMessage),
        ...nextPage(last?.id),
      };
    },
  });

  api.get('/api/shared/:token/messages/:message/files/:file/', {
    config: { access: 'public' },
    schema: {
      tags,
      summary: 'Download a file of a shared conversation',
      params: SharedFilePath,
      response: {
        200: FileContent,
        404: detailed('There is no such file among what is shared.'),
        ...READ_ERRORS,
        ...PUBLIC_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const { token, message: messageId, file: fileId } = request.params;
      const of = { token, messageId, fileId };
      const file = await openSharedFile(context, request.ip, of);
      reply.header('x-robots-tag', 'noindex');
      return sendContent(reply, file, { isShared: true });
    },
  });
}

function ownRoutes(api: Api, context: Context): void {
  api.get('/api/conversations/:id/share/', {
    config,
    schema: {
      tags,
      summary: 'Read how a conversation is shared',
      security,
      params: ConversationPath,
      response: { 200: Share, ...NotFound, ...USER_ERRORS },
    },
    handler: async (request) =>
      shownShare(await readShare(context, userOf(request).id, request.params.id)),
  });

  api.post('/api/conversations/:id/share/', {
    config,
    schema: {
      tags,
      summary: 'Create the share link, or change what it shows and until when',
      security,
      params: ConversationPath,
      body: ShareChange,
      response: { 200: Share, ...NotFound, ...READ_ERRORS, ...USER_BODY_ERRORS },
    },
    handler: async (request) => {
      const { kind, expires_in_days: expiresInDays, shows_name: showsName } = request.body;
      const change = { kind, expiresInDays, showsName };
      const { id } = request.params;
      return shownShare(await shareConversation(context, userOf(request).id, id, change));
    },
  });

  api.delete('/api/conversations/:id/share/', {
    config,
    schema: {
      tags,
      summary: 'Remove the share link',
      security,
      params: ConversationPath,
      response: { 204: NoContent, ...NotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      await unshareConversation(context, userOf(request).id, request.params.id);
      return reply.code(204).send(null);
    },
  });
}

function shownShare(share: StoredShare | undefined) {
  return {
    share: share ? sharePath(share.token) : null,
    kind: share?.kind ?? null,
    expires_at: isoTime(share?.expiresAtMs),
    shared_at: isoTime(share?.sharedAtMs),
    shows_name: share?.showsName ?? false,
  };
}
