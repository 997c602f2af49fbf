import type { ReplyFailure } from '../../core/reply-failure.ts';
import type { Context } from '../context.ts';

/** A message with the reply to it. */
export interface Exchange {
  readonly id: string;
  readonly userId: number;
  readonly content: string;
  readonly reply: string;
  readonly atMs: number;
  /** Why the reply is incomplete; undefined if it is complete. */
  readonly failure: ReplyFailure | undefined;
  /** What answered, and what that cost. */
  readonly model: string;
  readonly chargedCredits: number;
  /** True if this is the answer to an earlier request with the same key. */
  readonly isReplayed: boolean;
}

/** The answer that an earlier request with the same key got. */
export async function replayedExchange(
  context: Context,
  userId: number,
  generationId: string,
): Promise<Exchange> {
  const message = await context.messages.find(userId, generationId);
  if (!message) throw new Error(`The message of generation ${generationId} is missing.`);
  const { id, content, reply, model, chargedCredits, createdAtMs: atMs } = message;
  const failure = message.failure ?? undefined;
  const about = { model, chargedCredits, failure, isReplayed: true };
  return { id, userId, content, reply: reply ?? '', atMs, ...about };
}
