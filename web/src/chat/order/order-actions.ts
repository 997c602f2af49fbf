/** Pinning, archiving and moving chats. */
import type { Conversation } from '../../api/types.ts';
import { changeConversation } from '../../state/conversations.ts';
import { updateConversation } from '../../state/thread.ts';

type Marks = Partial<Pick<Conversation, 'pinned' | 'archived' | 'folder'>>;

/** Changes the place of a chat, in all lists and where it is open. */
export async function place(id: string, marks: Marks): Promise<void> {
  const changed = await changeConversation(id, marks);
  updateConversation(id, ({ leaf }) => ({ ...changed, leaf }));
}

/** Pins a chat above all others, or no longer. */
export function setPinned(id: string, pinned: boolean): Promise<void> {
  return place(id, { pinned });
}

/** Puts a chat into the archive, where searches still find it, or takes it out. */
export function setArchived(id: string, archived: boolean): Promise<void> {
  return place(id, { archived });
}
