import type { Context } from './context.ts';

/** A message with the reply to it. */
export interface Exchange {
  readonly userId: number;
  readonly content: string;
  readonly reply: string;
  readonly atMs: number;
  /** True if this is the answer to an earlier request with the same key. */
  readonly isReplayed: boolean;
}

/** The answer that an earlier request with the same key got. */
export async function replayed(
  context: Context,
  userId: number,
  generationId: string,
): Promise<Exchange> {
  const message = await context.messages.find(userId, generationId);
  if (!message) throw new Error(`The message of generation ${generationId} is missing.`);
  const { content, reply, createdAtMs: atMs } = message;
  return { userId, content, reply: reply ?? '', atMs, isReplayed: true };
}
