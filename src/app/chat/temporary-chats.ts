/** Temporary chats that nobody has ended: their page was closed by force, or left alone. */
import type { Context } from '../context.ts';
import { deleteConversations } from './conversations.ts';

/** How long after its last message a temporary chat ends by itself. */
const IDLE_MS = 3_600_000;

/** Deletes those that have been idle for an hour, with their words. @returns how many */
export async function sweepTemporaryChats(
  context: Context,
  isStopping: () => boolean = () => false,
): Promise<number> {
  let swept = 0;
  while (!isStopping()) {
    const idle = await context.conversations.idleTemporary(context.now() - IDLE_MS);
    if (idle.length === 0) break;
    for (const { id, userId } of idle) swept += await deleteConversations(context, userId, [id]);
  }
  return swept;
}
