import type { FastifyReply } from 'fastify';
import { listMessages } from '../../app/chat/conversations.ts';
import { followReply } from '../../app/chat/follow-reply.ts';
import { sendMessage } from '../../app/chat/send-message.ts';
import { stopReply } from '../../app/chat/stop-reply.ts';
import type { Context } from '../../app/context.ts';
import { idempotencyOf } from '../../app/metering/idempotency.ts';
import { userOf } from '../framework/access.ts';
import type { Api } from '../framework/api.ts';
import {
  detailed,
  IdempotencyHeaders,
  KeyReused,
  USER_BODY_ERRORS,
  USER_ERRORS,
} from '../framework/common-schema.ts';
import { responseTo } from '../framework/errors.ts';
import { EventStream } from '../framework/event-stream.ts';
import { keyOf, markReplayed } from '../framework/idempotency.ts';
import { rateLimitHeaders } from '../framework/rate-limit-headers.ts';
import { limitFrom } from './conversation-routes.ts';
import {
  ConversationPath,
  MessageList,
  MessageQuery,
  MessageReply,
  NewMessage,
  ReplyEvents,
} from './conversation-schema.ts';
import { shownMessage } from './conversation-views.ts';

const tags = ['Conversations'];
const security = [{ bearer: [] }];
const config = { access: 'user' } as const;
const NotFound = { 404: detailed('There is no such conversation, message or model of yours.') };

/** What is said in conversations, and replies that survive their readers. */
export function messageRoutes(api: Api, context: Context): void {
  sayingRoutes(api, context);
  replyRoutes(api, context);
}

function sayingRoutes(api: Api, context: Context): void {
  api.get('/api/conversations/:id/messages/', {
    config,
    schema: {
      tags,
      summary: 'Read what was said, newest first',
      security,
      params: ConversationPath,
      querystring: MessageQuery,
      response: { 200: MessageList, 400: USER_BODY_ERRORS[400], ...NotFound, ...USER_ERRORS },
    },
    handler: async (request) => {
      const { cursor: beforeId, limit } = request.query;
      const page = { beforeId, limit: limitFrom(limit) };
      const { id } = request.params;
      const { items, last } = await listMessages(context, userOf(request).id, id, page);
      return {
        messages: items.map(shownMessage),
        has_more: last !== undefined,
        next_cursor: last?.id ?? null,
      };
    },
  });

  api.post('/api/conversations/:id/messages/', {
    config,
    schema: {
      tags,
      summary: 'Say something; the reply is written apart from the request',
      security,
      params: ConversationPath,
      headers: IdempotencyHeaders,
      body: NewMessage,
      response: {
        201: MessageReply,
        ...NotFound,
        409: detailed('The request with this Idempotency-Key is still being answered.'),
        422: KeyReused,
        429: detailed('A limit of the account is reached; `Retry-After` says when it is not.'),
        ...USER_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const { message: content, model, parent } = request.body;
      const { id: conversationId } = request.params;
      const about = [conversationId, content, model ?? '', parent ?? ''];
      const { message, isReplayed } = await sendMessage(context, {
        userId: userOf(request).id,
        conversationId,
        content,
        model,
        parentId: parent ?? undefined,
        idempotency: idempotencyOf(keyOf(request), about),
        onLimits: (states) => reply.headers(rateLimitHeaders(states)),
      });
      markReplayed(reply, isReplayed);
      return reply.code(201).send(shownMessage(message));
    },
  });
}

function replyRoutes(api: Api, context: Context): void {
  api.get('/api/messages/:id/stream/', {
    config,
    schema: {
      tags,
      summary: 'Follow a reply, from `Last-Event-ID` on',
      security,
      params: ConversationPath,
      response: { 200: ReplyEvents, ...NotFound, ...USER_ERRORS },
    },
    handler: (request, reply) => {
      const from = Number(/^\d{1,9}$/.exec(String(request.headers['last-event-id']))?.[0] ?? 0);
      return follow(context, { userId: userOf(request).id, id: request.params.id, from }, reply);
    },
  });

  api.post('/api/messages/:id/stop/', {
    config,
    schema: {
      tags,
      summary: 'End a reply; what came of it is kept and charged',
      security,
      params: ConversationPath,
      response: { 200: MessageReply, ...NotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request) =>
      shownMessage(await stopReply(context, userOf(request).id, request.params.id)),
  });
}

/** Streams a reply to a reader, who may come back for the rest. */
async function follow(
  context: Context,
  asked: { readonly userId: number; readonly id: string; readonly from: number },
  reply: FastifyReply,
): Promise<FastifyReply> {
  const stream = new EventStream(reply);
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  try {
    for await (const part of followReply(context, asked, gone.signal)) {
      if (!stream.isOpen) stream.open();
      if (part.kind === 'done') stream.send('done', shownMessage(part.message));
      else stream.send('delta', { text: part.text }, String(part.position));
    }
  } catch (error) {
    if (!stream.isOpen) throw error;
    stream.send('error', responseTo(error, reply.request).event);
  }
  stream.end();
  return reply;
}
