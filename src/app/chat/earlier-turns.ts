import { CONVERSATION_LIMIT_CHARACTERS, type Turn } from '../../core/conversation.ts';
import { ChitError } from '../../core/errors.ts';
import type { StoredTurn } from '../../store/chat/messages.ts';
import type { Context } from '../context.ts';
import { promptFile } from './files/prompt-files.ts';

/**
 * The turns that lead to a message and its own, oldest first, with their files. Most conversations
 * are read at once; the rest of a long one is read in slices, in turn with other long reads.
 * @param at the last message of the branch
 * @throws ChitError `conversation_too_long`, with no more read than that takes; and for a long one
 *   what `HeavyReads` throws, and `read_too_long`
 */
export async function earlierTurns(
  context: Context,
  userId: number,
  at: { readonly conversationId: string; readonly leafId: string },
): Promise<Turn[]> {
  const { messages, heavyReads } = context;
  const newestFirst: Turn[] = [];
  let characters = 0;
  let slice = await messages.turns(at);
  for (let isNext = false; ; isNext = true) {
    const turns = slice.turns.some((it) => it.hasFiles)
      ? await withFiles(context, slice.turns)
      : slice.turns.map(({ content, reply }) => ({ content, reply }));
    for (const turn of turns) {
      newestFirst.push(turn);
      characters += turn.content.length + turn.reply.length + fileCharacters(turn);
    }
    requireFitting(characters);
    const { nextId: leafId } = slice;
    if (leafId === undefined) return newestFirst.toReversed();
    const read = () => messages.turnsOfLong({ ...at, leafId });
    slice = await heavyReads.run(`user:${userId}`, read, isNext);
  }
}

async function withFiles(context: Context, turns: readonly StoredTurn[]): Promise<Turn[]> {
  const ids = turns.filter(({ hasFiles }) => hasFiles).map(({ id }) => id);
  const attached = await context.files.ofMessages(ids);
  let bytes = 0;
  for (const files of attached.values()) for (const file of files) bytes += file.textBytes ?? 0;
  // A character has three bytes at most.
  requireFitting(bytes / 3);
  const full: Turn[] = [];
  for (const { id, content, reply } of turns) {
    const files = [];
    for (const file of attached.get(id) ?? []) files.push(await promptFile(context, file));
    full.push(files.length > 0 ? { content, reply, files } : { content, reply });
  }
  return full;
}

function fileCharacters({ files = [] }: Turn): number {
  return files.reduce((sum, { text }) => sum + text.length, 0);
}

function requireFitting(characters: number): void {
  if (characters > CONVERSATION_LIMIT_CHARACTERS) {
    throw new ChitError('conversation_too_long', { most: CONVERSATION_LIMIT_CHARACTERS });
  }
}
