import type { Context } from '../context.ts';
import { requireMessage } from './find-message.ts';

/**
 * What a model thought before its reply to a message; empty if nothing is kept of it.
 * @throws ChitError `message_not_found`, also for another user's
 */
export async function readThinking(context: Context, userId: number, id: string): Promise<string> {
  const { thinking } = await requireMessage(context, userId, id);
  return thinking?.hasText ? context.messages.thinkingOf(userId, id) : '';
}
