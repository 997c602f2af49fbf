import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import {
  changeConversation,
  createConversation,
  deleteConversation,
  exportConversation,
  listConversations,
  requireConversation,
  shareConversation,
  sharedConversation,
  unshareConversation,
} from '../../app/chat/conversations.ts';
import type { Context } from '../../app/context.ts';
import type { ConversationCursor } from '../../store/chat/conversations.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  PUBLIC_BODY_ERRORS,
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
  Exported,
  ExportQuery,
  NewConversation,
  Shared,
  SharedConversation,
  SharedPath,
  SharedQuery,
} from './conversation-schema.ts';
import {
  asJson,
  asMarkdown,
  sharedMessage,
  sharePath,
  shownConversation,
} from './conversation-views.ts';

const tags = ['Conversations'];
const security = [{ bearer: [] }];
const config = { access: 'user' } as const;
const Done = Type.Null({ description: 'Done.' });
const NotFound = { 404: detailed('Conversation or model not found.') };

/** Conversations: listing, changing, sharing and exporting them. */
export function conversationRoutes(api: Api, context: Context): void {
  listRoutes(api, context);
  singleRoutes(api, context);
  sharingRoutes(api, context);
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
      const { q, cursor } = request.query;
      const { items, last } = await listConversations(context, userOf(request).id, {
        search: q?.trim() || undefined,
        after: cursor === undefined ? undefined : parsedCursor(cursor),
        limit: limitIn(request.query),
      });
      return {
        conversations: items.map(shownConversation),
        ...nextPage(last && `${last.updatedAtMs}_${last.id}`),
      };
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
      const { title, model, system_prompt: systemPrompt, tools } = request.body;
      const conversation = await createConversation(context, userOf(request).id, {
        title,
        model,
        systemPrompt,
        tools,
      });
      return reply.code(201).send(shownConversation(conversation));
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
    handler: async (request) => shownConversation(await conversationIn(context, request)),
  });

  api.patch('/api/conversations/:id/', {
    config,
    schema: {
      tags,
      summary: 'Change the title, model, system prompt or branch of a conversation',
      security,
      params: ConversationPath,
      body: ConversationChange,
      response: { 200: ConversationReply, ...NotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request) => {
      const { title, model, system_prompt: systemPrompt, leaf: leafId, tools } = request.body;
      const { id } = request.params;
      const conversation = await changeConversation(context, userOf(request).id, id, {
        title,
        model,
        systemPrompt,
        leafId,
        tools,
      });
      return shownConversation(conversation);
    },
  });

  api.delete('/api/conversations/:id/', {
    config,
    schema: {
      tags,
      summary: 'Delete a conversation with its messages',
      security,
      params: ConversationPath,
      response: { 204: Done, ...NotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      await deleteConversation(context, userOf(request).id, request.params.id);
      return reply.code(204).send(null);
    },
  });
}

function sharingRoutes(api: Api, context: Context): void {
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

  api.post('/api/conversations/:id/share/', {
    config,
    schema: {
      tags,
      summary: 'Create the share link',
      security,
      params: ConversationPath,
      response: { 200: Shared, ...NotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request) => {
      const { id } = request.params;
      return { share: sharePath(await shareConversation(context, userOf(request).id, id)) };
    },
  });

  api.delete('/api/conversations/:id/share/', {
    config,
    schema: {
      tags,
      summary: 'Remove the share link',
      security,
      params: ConversationPath,
      response: { 204: Done, ...NotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request, reply) => {
      await unshareConversation(context, userOf(request).id, request.params.id);
      return reply.code(204).send(null);
    },
  });

  api.get('/api/shared/:token/', {
    config: { access: 'public' },
    schema: {
      tags,
      summary: 'Read a shared conversation',
      params: SharedPath,
      querystring: SharedQuery,
      response: {
        200: SharedConversation,
        ...NotFound,
        ...READ_ERRORS,
        ...PUBLIC_BODY_ERRORS,
      },
    },
    handler: async (request) => {
      const { token } = request.params;
      const shared = await sharedConversation(context, request.ip, token, {
        afterId: request.query.cursor,
        limit: limitIn(request.query),
      });
      const { items, last } = shared.messages;
      return {
        title: shared.conversation.title,
        messages: items.map(sharedMessage),
        ...nextPage(last?.id),
      };
    },
  });
}

function conversationIn(context: Context, request: FastifyRequest) {
  const { id } = request.params as { id: string };
  return requireConversation(context, userOf(request).id, id);
}

/** @param text as its schema requires */
function parsedCursor(text: string): ConversationCursor {
  const [updatedAt, id = ''] = text.split('_');
  return { updatedAtMs: Number(updatedAt), id };
}
