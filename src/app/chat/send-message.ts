import { titleFrom } from '../../core/conversation.ts';
import { ChitError } from '../../core/errors.ts';
import type { IdempotencyKey } from '../../core/ledger.ts';
import type { RateLimitState } from '../../core/rate-limit-state.ts';
import { countTokens } from '../../models/count-tokens.ts';
import type { Conversation } from '../../store/chat/conversations.ts';
import type { Message } from '../../store/chat/messages.ts';
import type { Context } from '../context.ts';
import { Generation } from '../metering/generation-registry.ts';
import { type GenerationRequest, meter } from '../metering/meter.ts';
import { modelsFor } from '../metering/models-for.ts';
import { requireConversation } from './conversations.ts';
import { requireMessage } from './find-message.ts';

/** Words for a conversation. */
export interface SendMessageRequest {
  readonly userId: number;
  readonly conversationId: string;
  readonly content: string;
  /** The message that they follow; undefined to begin. */
  readonly parentId: string | undefined;
  /** The name of a model; else the conversation's, else the default one answers. */
  readonly model: string | undefined;
  readonly idempotency: IdempotencyKey | undefined;
  readonly onLimits: (states: readonly RateLimitState[]) => void;
}

/**
 * Says something in a conversation. Resolves as soon as credits are held: the reply is written
 * apart from the request, and `followReply` reads it.
 * @returns the message, whose reply is still to come, or the one that an earlier request with the
 *   same key made
 * @throws ChitError `conversation_not_found`, `parent_not_found`, and what `meter` throws before
 *   a model is asked
 */
export async function sendMessage(
  context: Context,
  request: SendMessageRequest,
): Promise<{ readonly message: Message; readonly isReplayed: boolean }> {
  const { userId, content, parentId } = request;
  const conversation = await requireConversation(context, userId, request.conversationId);
  const order = await orderFor(context, request, conversation);
  const generation = new Generation();
  const held = Promise.withResolvers<{ id: string; atMs: number }>();
  const metered = meter(context, {
    ...order,
    // Who wants no more says so by `stopReply`; a reader that goes ends nothing.
    stop: undefined,
    onHeld: (it) => {
      context.generations.begin(it.id, generation);
      held.resolve(it);
    },
    deliver: ({ text }) => {
      if (text) generation.add(text);
    },
  });
  const earlier = metered.then((it) =>
    it.outcome === 'done_before' ? it.generationId : undefined,
  );
  // However it ends, it is not running any more; what went wrong stands with the message.
  held.promise.then(
    ({ id }) => metered.catch(() => undefined).finally(() => context.generations.end(id)),
    () => undefined,
  );
  const begun = await Promise.race([held.promise, earlier]);
  if (typeof begun === 'string') {
    return { message: await requireMessage(context, userId, begun), isReplayed: true };
  }
  const { id, atMs } = begun ?? (await held.promise);
  const title = conversation.title === '' ? { title: titleFrom(content) } : {};
  const { conversations } = context;
  await conversations.change(userId, conversation.id, { ...title, leafId: id, updatedAtMs: atMs });
  const name = order.candidates[0].name;
  const none = { reply: null, failure: null, chargedCredits: 0, endedAtMs: undefined };
  const place = { conversationId: conversation.id, parentId };
  const message = { id, ...place, content, model: name, createdAtMs: atMs, ...none };
  return { message: { ...message, status: 'pending' }, isReplayed: false };
}

async function orderFor(
  context: Context,
  request: SendMessageRequest,
  conversation: Conversation,
): Promise<Omit<GenerationRequest, 'stop' | 'onHeld' | 'deliver'>> {
  const { userId, content, parentId, idempotency, onLimits } = request;
  const { id: conversationId, systemPrompt } = conversation;
  if (parentId !== undefined) {
    const parent = await context.messages.find(userId, parentId);
    if (parent?.conversationId !== conversationId) {
      throw new ChitError('parent_not_found', undefined);
    }
  }
  const turns =
    parentId === undefined ? [] : await context.messages.turns(conversationId, parentId);
  const read = [systemPrompt, ...turns.flatMap((it) => [it.content, it.reply]), content];
  return {
    accountId: userId,
    apiKeyId: undefined,
    content,
    promptContext: { systemPrompt, turns },
    place: { conversationId, parentId },
    candidates: await modelsFor(context, userId, request.model ?? conversation.model),
    wantedOutput: undefined,
    answers: 1,
    hasText: true,
    countInput: () => countTokens(read.join('\n').trim()),
    ask: (model, asked) => model.generate(asked),
    idempotency,
    onLimits,
  };
}
