import type { FastifyRequest } from 'fastify';
import {
  changeConversation,
  createConversation,
  deleteConversation,
  deleteConversations,
  exportConversation,
  listConversations,
  requireConversation,
} from '../../app/chat/conversations.ts';
import { searchConversations } from '../../app/chat/search-conversations.ts';
import type { Context } from '../../app/context.ts';
import type { Conversation, ConversationCursor } from '../../store/chat/conversations.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  NoContent,
  READ_ERRORS,
  USER_BODY_ERRORS,
  USER_ERRORS,
} from '../framework/common-schema.ts';
import { sendFile } from '../framework/download.ts';
import { limitIn, nextPage } from '../framework/paging.ts';
import {
  ConversationChange,
  ConversationList,
  ConversationPath,
  ConversationQuery,
  ConversationReply,
  DeletedConversations,
  DeletedCount,
  Exported,
  ExportQuery,
  NewConversation,
} from './conversation-schema.ts';
import { asJson, asMarkdown, foundConversation, shownConversation } from './conversation-views.ts';
import { shownFile } from './file-views.ts';

const tags = ['Conversations'];
const security = [{ bearer: [] }];
const config = { access: 'user' } as const;
const NotFound = { 404: detailed('Conversation or model not found.') };

/** Conversations: listing, changing and exporting them. */
export function conversationRoutes(api: Api, context: Context): void {
  listRoutes(api, context);
  bulkRoutes(api, context);
  singleRoutes(api, context);
  exportRoutes(api, context);
}

function listRoutes(api: Api, context: Context): void {
  api.get('/api/conversations/', {
    config,
    schema: {
      tags,
      summary: 'List your conversations, or search them',
      querystring: ConversationQuery,
      security,
      response: {
        200: ConversationList,
        400: USER_BODY_ERRORS[400],
        ...READ_ERRORS,
        ...USER_ERRORS,
      },
    },
    handler: async (request) => {
      const { q = '', cursor, folder: folderId, shelf } = request.query;
      const { id: userId } = userOf(request);
      const after = cursor === undefined ? undefined : parsedCursor(cursor);
      const page = { after, limit: limitIn(request.query) };
      if (q.trim() !== '') {
        const search = { ...page, search: q.trim() };
        const { items, last } = await searchConversations(context, userId, search);
        return { conversations: items.map(foundConversation), ...nextOf(last?.conversation) };
      }
      const listed = { ...page, shelf: folderId === undefined ? shelf : { folderId } };
      const { items, last } = await listConversations(context, userId, listed);
      return { conversations: items.map(shownConversation), ...nextOf(last) };
    },
  });

  api.post('/api/conversations/', {
    config,
    schema: {
      tags,
      summary: 'Start a conversation',
      body: NewConversation,
      security,
      response: { 201: ConversationReply, ...NotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      const { system_prompt: systemPrompt, ...fields } = request.body;
      const { folder: folderId, temporary: isTemporary, assistant: assistantId } = request.body;
      const conversation = await createConversation(context, userOf(request).id, {
        ...fields,
        systemPrompt,
        folderId,
        assistantId,
        isTemporary,
      });
      return reply.code(201).send(await shownWhole(context, conversation));
    },
  });
}

function bulkRoutes(api: Api, context: Context): void {
  api.post('/api/conversations/delete/', {
    config,
    schema: {
      tags,
      summary: 'Delete several conversations with their messages',
      body: DeletedConversations,
      security,
      response: { 200: DeletedCount, ...USER_BODY_ERRORS },
    },
    handler: async (request) => {
      const { ids } = request.body;
      return { deleted: await deleteConversations(context, userOf(request).id, ids) };
    },
  });
}

function singleRoutes(api: Api, context: Context): void {
  api.get('/api/conversations/:id/', {
    config,
    schema: {
      tags,
      summary: 'Read a conversation, without its messages',
      security,
      params: ConversationPath,
      response: { 200: ConversationReply, ...NotFound, ...USER_ERRORS },
    },
    handler: async (request) => shownWhole(context, await conversationIn(context, request)),
  });

  api.patch('/api/conversations/:id/', {
    config,
    schema: {
      tags,
      summary: 'Change a conversation: its title, model, branch, folder, …',
      security,
      params: ConversationPath,
      body: ConversationChange,
      response: { 200: ConversationReply, ...NotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request) => {
      const { system_prompt: systemPrompt, leaf: leafId, ...fields } = request.body;
      const { pinned: isPinned, archived: isArchived, folder: folderId } = request.body;
      const { assistant: assistantId } = request.body;
      const { id } = request.params;
      const conversation = await changeConversation(context, userOf(request).id, id, {
        ...fields,
        systemPrompt,
        leafId,
        isPinned,
        isArchived,
        folderId,
        assistantId,
      });
      return shownWhole(context, conversation);
    },
  });

  api.delete('/api/conversations/:id/', {
    config,
    schema: {
      tags,
      summary: 'Delete a conversation with its messages',
      security,
      params: ConversationPath,
      response: { 204: NoContent, ...NotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      await deleteConversation(context, userOf(request).id, request.params.id);
      return reply.code(204).send(null);
    },
  });
}

function exportRoutes(api: Api, context: Context): void {
  api.get('/api/conversations/:id/export/', {
    config,
    schema: {
      tags,
      summary: 'Download a conversation',
      security,
      params: ConversationPath,
      querystring: ExportQuery,
      response: {
        200: Exported,
        400: USER_BODY_ERRORS[400],
        ...NotFound,
        ...READ_ERRORS,
        ...USER_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const conversation = await conversationIn(context, request);
      const isJson = request.query.format === 'json';
      // JSON is for programs and for archives, so it has every branch.
      const slices = exportConversation(context, conversation, isJson ? 'all' : 'branch');
      return isJson
        ? sendFile(reply, {
            name: 'conversation.json',
            type: 'application/json; charset=utf-8',
            pieces: asJson(conversation, slices),
          })
        : sendFile(reply, {
            name: 'conversation.md',
            type: 'text/markdown; charset=utf-8',
            pieces: asMarkdown(conversation, slices),
          });
    },
  });
}

/** A conversation with the files that it was begun with, which lists leave out. */
async function shownWhole({ assistantFiles }: Context, conversation: Conversation) {
  const { id, assistant } = conversation;
  const files = assistant === undefined ? [] : await assistantFiles.ofConversation(id);
  return { ...shownConversation(conversation), assistant_files: files.map(shownFile) };
}

function conversationIn(context: Context, request: FastifyRequest) {
  const { id } = request.params as { id: string };
  return requireConversation(context, userOf(request).id, id);
}

function nextOf(last: Conversation | undefined) {
  return nextPage(last && `${last.updatedAtMs}_${last.id}`);
}

/** @param text as its schema requires */
function parsedCursor(text: string): ConversationCursor {
  const [updatedAt, id = ''] = text.split('_');
  return { updatedAtMs: Number(updatedAt), id };
}
