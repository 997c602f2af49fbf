import { PERSONAL } from '../../core/paying-account.ts';
import type { ReplyFailure } from '../../core/reply-failure.ts';
import type { Context } from '../context.ts';
import { outcomeUnknownUnless } from '../metering/reply-error.ts';

/** A message with its reply. */
export interface Exchange {
  readonly id: string;
  readonly userId: number;
  readonly content: string;
  readonly reply: string;
  readonly atMs: number;
  /** Why the reply is incomplete; undefined if it is complete. */
  readonly failure: ReplyFailure | undefined;
  /** The model that answered. */
  readonly model: string;
  readonly chargedCredits: number;
  /** The account that paid: the id of a group, or `personal`. */
  readonly paidBy: string;
  /** True if this is the answer to an earlier request with the same key. */
  readonly isReplayed: boolean;
}

/** The exchange that an earlier request with the same key created. */
export async function replayedExchange(
  context: Context,
  userId: number,
  generationId: string,
): Promise<Exchange> {
  const message = await outcomeUnknownUnless(context.messages.find(userId, generationId));
  if (!message) throw new Error(`The message of generation ${generationId} is missing.`);
  return {
    id: message.id,
    userId,
    content: message.content,
    reply: message.reply ?? '',
    atMs: message.createdAtMs,
    failure: message.failure ?? undefined,
    model: message.model,
    chargedCredits: message.chargedCredits,
    paidBy: message.paidBy?.id ?? PERSONAL,
    isReplayed: true,
  };
}
