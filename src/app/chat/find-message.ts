import { ChitError } from '../../core/errors.ts';
import type { Message } from '../../store/chat/messages.ts';
import type { Context } from '../context.ts';

/**
 * A message of a user.
 * @throws ChitError `message_not_found`, also for another user's
 */
export async function requireMessage(
  context: Context,
  userId: number,
  id: string,
): Promise<Message> {
  const message = await context.messages.find(userId, id);
  if (!message) throw new ChitError('message_not_found', undefined);
  return message;
}
