import { CONVERSATION_LIMIT_CHARACTERS, type Turn } from '../../core/conversation.ts';
import { ChitError } from '../../core/errors.ts';
import type { Context } from '../context.ts';

/**
 * The turns that lead to a message and its own, oldest first. Most conversations are read at once;
 * the rest of a long one is read in slices, in turn with other long reads.
 * @param at the last message of the branch
 * @throws ChitError `conversation_too_long`, with no more read than that takes; and for a long one
 *   what `HeavyReads` throws, and `read_too_long`
 */
export async function earlierTurns(
  { messages, heavyReads }: Context,
  userId: number,
  at: { readonly conversationId: string; readonly leafId: string },
): Promise<Turn[]> {
  const newestFirst: Turn[] = [];
  let characters = 0;
  let slice = await messages.turns(at);
  for (let isNext = false; ; isNext = true) {
    for (const turn of slice.turns) {
      newestFirst.push(turn);
      characters += turn.content.length + turn.reply.length;
    }
    if (characters > CONVERSATION_LIMIT_CHARACTERS) {
      throw new ChitError('conversation_too_long', { most: CONVERSATION_LIMIT_CHARACTERS });
    }
    const { nextId: leafId } = slice;
    if (leafId === undefined) return newestFirst.toReversed();
    const read = () => messages.turnsOfLong({ ...at, leafId });
    slice = await heavyReads.run(`user:${userId}`, read, isNext);
  }
}
