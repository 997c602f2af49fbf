import type { FastifyReply } from 'fastify';
import { listMessages } from '../../app/chat/conversations.ts';
import { followReply, type ReplyEvent, type ReplyPosition } from '../../app/chat/follow-reply.ts';
import { readThinking } from '../../app/chat/read-thinking.ts';
import { sendMessage } from '../../app/chat/send-message.ts';
import { stopReply } from '../../app/chat/stop-reply.ts';
import type { Context } from '../../app/context.ts';
import { idempotencyOf, withPayer } from '../../app/metering/idempotency.ts';
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
import { limitIn, nextPage } from '../framework/paging.ts';
import { rateLimitHeaders } from '../framework/rate-limit-headers.ts';
import { watchOf } from '../framework/watching.ts';
import {
  ConversationPath,
  MessageList,
  MessageQuery,
  MessageReply,
  NewMessage,
  ReplyEvents,
  ThinkingReply,
} from './conversation-schema.ts';
import { shownMessage } from './conversation-views.ts';
import { toolRoutes } from './tool-routes.ts';

const tags = ['Conversations'];
const security = [{ bearer: [] }];
const config = { access: 'user' } as const;
const NotFound = { 404: detailed('Conversation, message or model not found.') };

/** Messages in conversations. Their replies continue when nobody reads them. */
export function messageRoutes(api: Api, context: Context): void {
  listAndSendRoutes(api, context);
  toolRoutes(api, context);
  replyRoutes(api, context);
}

function listAndSendRoutes(api: Api, context: Context): void {
  api.get('/api/conversations/:id/messages/', {
    config,
    schema: {
      tags,
      summary: 'List messages, newest first',
      security,
      params: ConversationPath,
      querystring: MessageQuery,
      response: { 200: MessageList, 400: USER_BODY_ERRORS[400], ...NotFound, ...USER_ERRORS },
    },
    handler: async (request) => {
      const { items, last } = await listMessages(context, userOf(request).id, request.params.id, {
        beforeId: request.query.cursor,
        limit: limitIn(request.query),
      });
      return { messages: items.map(shownMessage), ...nextPage(last?.id) };
    },
  });

  api.post('/api/conversations/:id/messages/', {
    config,
    schema: {
      tags,
      summary: 'Send a message; its reply is written in the background',
      security,
      params: ConversationPath,
      headers: IdempotencyHeaders,
      body: NewMessage,
      response: {
        201: MessageReply,
        ...NotFound,
        409: detailed('The request with this Idempotency-Key is still being processed.'),
        422: KeyReused,
        429: detailed(
          'A rate limit of the account was reached; `Retry-After` says when to try again.',
        ),
        ...USER_BODY_ERRORS,
      },
    },
    handler: async (request, reply) => {
      const { message: content, files = [], model, parent, payer } = request.body;
      const { most_cost: mostCredits } = request.body;
      const { id: userId, payers } = userOf(request);
      const { id: conversationId } = request.params;
      const { message, isReplayed } = await sendMessage(context, {
        userId,
        payers,
        payer,
        conversationId,
        content,
        files,
        model,
        parentId: parent ?? undefined,
        idempotency: idempotencyOf(
          keyOf(request),
          withFiles(withPayer([conversationId, content, model ?? '', parent ?? ''], payer), files),
        ),
        mostCredits,
        newWatch: () => watchOf(request),
        onLimits: (states) => reply.headers(rateLimitHeaders(states)),
        watch: watchOf(request),
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
      summary: 'Stream a reply, from `Last-Event-ID` on',
      security,
      params: ConversationPath,
      response: { 200: ReplyEvents, ...NotFound, ...USER_ERRORS },
    },
    handler: (request, reply) => {
      const from = positionIn(String(request.headers['last-event-id']));
      return follow(context, { userId: userOf(request).id, id: request.params.id, from }, reply);
    },
  });

  api.get('/api/messages/:id/thinking/', {
    config,
    schema: {
      tags,
      summary: 'Read what the model thought before a reply',
      security,
      params: ConversationPath,
      response: { 200: ThinkingReply, ...NotFound, ...USER_ERRORS },
    },
    handler: async (request) => ({
      thinking: await readThinking(context, userOf(request).id, request.params.id),
    }),
  });

  api.post('/api/messages/:id/stop/', {
    config,
    schema: {
      tags,
      summary: 'Stop a reply; the part that was written is kept and charged',
      security,
      params: ConversationPath,
      response: { 200: MessageReply, ...NotFound, ...USER_BODY_ERRORS },
    },
    handler: async (request) =>
      shownMessage(await stopReply(context, userOf(request).id, request.params.id)),
  });
}

/** The characters of the reply, and after a dot those of the thinking, if there are any. */
function positionIn(lastEventId: string): ReplyPosition {
  const [, text = 0, thinking = 0] = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(lastEventId) ?? [];
  return { text: Number(text), thinking: Number(thinking) };
}

function idOf({ text, thinking }: ReplyPosition): string {
  return thinking === 0 ? String(text) : `${text}.${thinking}`;
}

/** Streams a reply. A client that reconnects gets the rest. */
async function follow(
  context: Context,
  asked: { readonly userId: number; readonly id: string; readonly from: ReplyPosition },
  reply: FastifyReply,
): Promise<FastifyReply> {
  const stream = new EventStream(reply);
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  try {
    for await (const part of followReply(context, asked, gone.signal)) {
      if (!stream.isOpen) stream.open();
      if (part.kind === 'done') stream.send('done', doneOf(part));
      else if (part.kind === 'tools') stream.send('tools', shownMessage(part.message));
      else if (part.kind === 'text') stream.send('delta', { text: part.text }, idOf(part.position));
      else stream.send('thinking', { text: part.text, ms: part.ms }, idOf(part.position));
    }
  } catch (error) {
    if (!stream.isOpen) throw error;
    stream.send('error', responseTo(error, reply.request).event);
  }
  // Nothing may have come yet when the server stops.
  if (!stream.isOpen) stream.open();
  stream.end();
  return reply;
}

/** What an idempotency key compares: as before for messages without files. */
function withFiles(compared: readonly unknown[], files: readonly string[]): unknown[] {
  return files.length === 0 ? [...compared] : [...compared, 'files', ...files];
}

/** A message as it ended, and when its provider may be asked again if that is known. */
function doneOf({ message, retryAfterSeconds }: Extract<ReplyEvent, { kind: 'done' }>) {
  const again = retryAfterSeconds === undefined ? {} : { retry_after_seconds: retryAfterSeconds };
  return { ...shownMessage(message), ...again };
}
