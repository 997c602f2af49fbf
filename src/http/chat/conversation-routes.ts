import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import {
  changeConversation,
  createConversation,
  deleteConversation,
  exportConversation,
  listConversations,
  requireConversation,
} from '../../app/chat/conversations.ts';
import type { Context } from '../../app/context.ts';
import type { ConversationCursor } from '../../store/chat/conversations.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
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
} from './conversation-schema.ts';
import { asJson, asMarkdown, shownConversation } from './conversation-views.ts';

const tags = ['Conversations'];
const security = [{ bearer: [] }];
const config = { access: 'user' } as const;
const Done = Type.Null({ description: 'Done.' });
const NotFound = { 404: detailed('Conversation or model not found.') };

/** Conversations: listing, changing and exporting them. */
export function conversationRoutes(api: Api, context: Context): void {
  listRoutes(api, context);
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
      const { system_prompt: systemPrompt, ...fields } = request.body;
      const conversation = await createConversation(context, userOf(request).id, {
        ...fields,
        systemPrompt,
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
      const { system_prompt: systemPrompt, leaf: leafId, ...fields } = request.body;
      const { id } = request.params;
      const conversation = await changeConversation(context, userOf(request).id, id, {
        ...fields,
        systemPrompt,
        leafId,
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

function conversationIn(context: Context, request: FastifyRequest) {
  const { id } = request.params as { id: string };
  return requireConversation(context, userOf(request).id, id);
}

/** @param text as its schema requires */
function parsedCursor(text: string): ConversationCursor {
  const [updatedAt, id = ''] = text.split('_');
  return { updatedAtMs: Number(updatedAt), id };
}
