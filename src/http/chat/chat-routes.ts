import type { FastifyReply, FastifySchemaValidationError } from 'fastify';
import { type ChatRequest, completeChat } from '../../app/chat/complete-chat.ts';
import type { Exchange } from '../../app/chat/exchange.ts';
import type { Context } from '../../app/context.ts';
import { idempotencyOf, withPayer } from '../../app/metering/idempotency.ts';
import { offeredTo } from '../../app/metering/models-for.ts';
import { PERSONAL } from '../../core/paying-account.ts';
import { coversText, creditsFor, dearestRate, perMillion } from '../../core/pricing.ts';
import type { TypicalCost } from '../../core/typical-cost.ts';
import { measuredModelOf } from '../../models/input-measure/measured-model.ts';
import { addedTokens } from '../../models/input-measure/text-tokens.ts';
import { outputLimitWith } from '../../models/options/option-members.ts';
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
import { HttpError } from '../framework/http-error.ts';
import { keyOf, markReplayed } from '../framework/idempotency.ts';
import { isoTime } from '../framework/iso-time.ts';
import { rateLimitHeaders } from '../framework/rate-limit-headers.ts';
import { NON_FIELD_ERRORS, toInvalidFields } from '../framework/validation.ts';
import { watchOf } from '../framework/watching.ts';
import { ChatBody, ChatReply, ModelList } from './chat-schema.ts';
import { REPLY_FAILURE_TEXT } from './reply-failure-text.ts';

/** The original's chat, with one message and one reply, and the list of models. */
export function chatRoutes(api: Api, context: Context): void {
  api.post('/api/chat/', {
    config: { access: 'user' },
    schema: {
      tags: ['Chat'],
      summary: 'Send a message to a model',
      body: ChatBody,
      headers: IdempotencyHeaders,
      security: [{ bearer: [] }],
      response: {
        200: ChatReply,
        404: detailed('There is no such model, or you may not use it.'),
        409: detailed('The request with this Idempotency-Key is still being processed.'),
        422: KeyReused,
        429: detailed(
          'A rate limit of the account was reached; `Retry-After` says when to try again.',
        ),
        502: detailed('The model did not reply. Nothing was charged.'),
        ...USER_BODY_ERRORS,
      },
    },
    schemaErrorFormatter: toInvalidChat,
    handler: async (request, reply) => {
      const { message: content, model, payer, stream = false } = request.body;
      const { id: userId, payers } = userOf(request);
      const asked = [content, model ?? '', String(stream)];
      const chatRequest: ChatRequest = {
        userId,
        payers,
        payer,
        content,
        model,
        idempotency: idempotencyOf(keyOf(request), withPayer(asked, payer)),
        onLimits: (states) => reply.headers(rateLimitHeaders(states)),
        watch: watchOf(request),
      };
      if (stream) return streamReply(context, chatRequest, reply);
      const exchange = await completeChat(context, chatRequest);
      markReplayed(reply, exchange.isReplayed);
      // The original's response has no place for them.
      if (exchange.paidBy !== PERSONAL) reply.header('chit-paid-by', exchange.paidBy);
      if (exchange.failure) reply.header('chit-reply-failure', exchange.failure);
      return replyOf(exchange);
    },
  });

  api.get('/api/models/', {
    config: { access: 'user' },
    schema: {
      tags: ['Chat'],
      summary: 'List the models that you may use',
      security: [{ bearer: [] }],
      response: { 200: ModelList, ...USER_ERRORS },
    },
    handler: async (request) => {
      const offered = await offeredTo(context, userOf(request));
      const models = offered.filter(({ price }) => coversText(price));
      const names = new Set(models.map(({ name }) => name));
      const costs = await context.typicalCosts.of(userOf(request).id, models);
      return {
        models: models.map((it, index) => ({
          ...listed(it, it === context.catalogue.defaultModel),
          typical_cost: shownTypicalCost(costs[index]),
          is_failing: context.modelHealth.of(it.name).isFailing,
          fallbacks: it.fallbacks.filter((name) => names.has(name)),
        })),
      };
    },
  });
}

function replyOf({ userId, content, reply, atMs }: Exchange) {
  return { user: userId, message: content, response: reply, timestamp: isoTime(atMs) };
}

/**
 * Streams a reply as `delta` events and then `done`, which has the response of a request without a
 * stream and the cost. Disconnecting does not stop the reply: all of it is stored and charged.
 */
async function streamReply(
  context: Context,
  request: ChatRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const stream = new EventStream(reply);
  const onAdmitted = () => stream.open();
  const onText = (text: string) => stream.send('delta', { text });
  try {
    const exchange = await completeChat(context, { ...request, onAdmitted, onText });
    if (exchange.isReplayed) {
      markReplayed(reply, true);
      stream.open();
      onText(exchange.reply);
    }
    const { id, model, chargedCredits: cost, failure, paidBy } = exchange;
    stream.send('done', {
      ...replyOf(exchange),
      id,
      model,
      cost,
      paid_by: paidBy,
      failure: failure && REPLY_FAILURE_TEXT[failure],
      failure_code: failure,
    });
  } catch (error) {
    if (!stream.isOpen) throw error;
    stream.send('error', responseTo(error, reply.request).event);
  }
  stream.end();
  return reply;
}

const NO_TOOLS = { count: 0, ofProvider: 0 };

function listed(model: Context['catalogue']['defaultModel'], isDefault: boolean) {
  const { name, price, outputLimit, contextTokens, descriptions, reads } = model;
  return {
    name,
    is_default: isDefault,
    price: {
      per_message: creditsFor(dearestRate(price, ['message'], Infinity)),
      per_million_input: perMillion(dearestRate(price, ['input'], Infinity)),
      per_million_cached_input: perMillion(dearestRate(price, ['cached_input'], Infinity)),
      per_million_output: perMillion(dearestRate(price, ['output'], Infinity)),
    },
    output_limit: outputLimit,
    added_input: addedTokens(measuredModelOf(model), NO_TOOLS),
    context_limit: contextTokens ?? null,
    reads: [...reads],
    description: descriptions ?? null,
    thinks: model.thinks,
    effort: model.efforts.map((level) => ({ level, output_limit: outputLimitWith(model, level) })),
    temperature: model.takesTemperature,
    tools: model.usesTools,
  };
}

function shownTypicalCost(cost: TypicalCost | undefined) {
  const { credits: tokens, from } = cost ?? { credits: 0, from: 'estimate' as const };
  return { tokens, from };
}

/** Answers a message that is missing, null or blank as the original does. */
function toInvalidChat(errors: FastifySchemaValidationError[]): Error {
  const error = toInvalidFields(errors);
  const { fields } = error.details;
  const fault = fields.message?.[0]?.fault;
  const isAbsent = fault && ['required', 'null', 'blank'].includes(fault.code);
  if (!isAbsent || NON_FIELD_ERRORS in fields) return error;
  return new HttpError('invalid_fields', {
    status: 400,
    body: { error: 'Message is required' },
    params: { fields: { message: [fault] } },
  });
}
