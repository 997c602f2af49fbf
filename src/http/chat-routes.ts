import type { FastifySchemaValidationError } from 'fastify';
import type { Context } from '../app/context.ts';
import { idempotencyOf } from '../app/idempotency.ts';
import { sendMessage } from '../app/send-message.ts';
import { userOf } from './access.ts';
import type { Api } from './api.ts';
import { HttpError } from './http-error.ts';
import { keyOf, markReplayed } from './idempotency.ts';
import { ChatBody, ChatReply } from './schemas/chat.ts';
import { detailed, IdempotencyHeaders, KeyReused, USER_BODY_ERRORS } from './schemas/common.ts';
import { describeFaults } from './validation.ts';

/** The original's chat: one message, one reply. */
export function chatRoutes(api: Api, context: Context): void {
  api.post('/api/chat/', {
    config: { access: 'user' },
    schema: {
      tags: ['Chat'],
      summary: 'Send a message to the model',
      body: ChatBody,
      headers: IdempotencyHeaders,
      security: [{ bearer: [] }],
      response: {
        200: ChatReply,
        409: detailed('The request with this Idempotency-Key is still being answered.'),
        422: KeyReused,
        502: detailed('The model did not answer. Nothing was charged.'),
        ...USER_BODY_ERRORS,
      },
    },
    schemaErrorFormatter: describeChatFaults,
    handler: async (request, reply) => {
      const content = request.body.message;
      const idempotency = idempotencyOf(keyOf(request), [content]);
      const userId = userOf(request).id;
      const exchange = await sendMessage(context, { userId, content, idempotency });
      markReplayed(reply, exchange.isReplayed);
      return {
        user: exchange.userId,
        message: exchange.content,
        response: exchange.reply,
        timestamp: new Date(exchange.atMs).toISOString(),
      };
    },
  });
}

/** A message that is missing, null or blank gets the original's answer; others say their fault. */
function describeChatFaults(errors: FastifySchemaValidationError[]): Error {
  const isAbsent = errors.some(
    ({ keyword, data }: FastifySchemaValidationError & { data?: unknown }) =>
      keyword === 'required' || keyword === 'pattern' || (keyword === 'type' && data === null),
  );
  const isObject = !errors.some(({ instancePath, keyword }) => !instancePath && keyword === 'type');
  if (isAbsent && isObject) return new HttpError(400, { error: 'Message is required' });
  return describeFaults(errors);
}
