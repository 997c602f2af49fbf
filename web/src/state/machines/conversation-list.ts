/** The list of conversations, most recently used first, as pure functions over plain data. */
import type { Conversation } from '../../api/types.ts';

/**
 * The list with its first page read anew. Pages that were read beyond it stay, as long as they
 * belong to the same search.
 */
export function withFirstPage(
  known: readonly Conversation[],
  page: readonly Conversation[],
  options: { readonly hasMore: boolean; readonly isSameSearch: boolean },
): { readonly conversations: readonly Conversation[]; readonly hasOlder: boolean } {
  const last = page.at(-1);
  const isContinued = options.isSameSearch && options.hasMore && last !== undefined;
  const older = isContinued ? known.filter((it) => it.updated_at < last.updated_at) : [];
  return { conversations: [...page.filter(isBegun), ...older], hasOlder: older.length > 0 };
}

/** The list with a conversation as it is now. */
export function withConversation(
  known: readonly Conversation[],
  conversation: Conversation,
): readonly Conversation[] {
  return [...known.filter(({ id }) => id !== conversation.id), conversation].sort((a, b) =>
    b.updated_at.localeCompare(a.updated_at),
  );
}

/**
 * The lists with a conversation as it is now: those that are pinned stand above the others, and
 * those in the archive or in a folder are in neither. A search shows all that it finds.
 */
export function placeInLists(
  lists: { readonly recent: readonly Conversation[]; readonly pinned: readonly Conversation[] },
  conversation: Conversation,
  isSearch: boolean,
): typeof lists {
  const others = (list: readonly Conversation[]) => list.filter(({ id }) => id !== conversation.id);
  const { pinned, archived, folder } = conversation;
  const isFound = lists.recent.some(({ id }) => id === conversation.id);
  const isRecent = isSearch ? isFound : !pinned && !archived && folder === null;
  return {
    recent: isRecent ? withConversation(lists.recent, conversation) : others(lists.recent),
    pinned:
      pinned && !archived ? withConversation(lists.pinned, conversation) : others(lists.pinned),
  };
}

/** An empty conversation without a name or instructions is what a failed message left behind. */
export function isBegun({ title, leaf, system_prompt: systemPrompt }: Conversation): boolean {
  return title !== '' || leaf !== null || systemPrompt !== '';
}
