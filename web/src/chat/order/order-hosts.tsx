import { signal } from '@preact/signals';
import type { Conversation } from '../../api/types.ts';
import { laterPart } from '../../ui/later-part.tsx';

const moved = signal<Conversation | undefined>(undefined);
const FolderDialog = laterPart(async () => (await import('./folder-dialog.tsx')).FolderDialog);

/** Opens the choice of a folder for a chat. */
export function openFolderDialog(conversation: Conversation): void {
  moved.value = conversation;
}

/** The choice of a folder, while it is open. */
export function OrderHosts() {
  const { value: conversation } = moved;
  if (!conversation) return null;
  const close = () => {
    moved.value = undefined;
  };
  return <FolderDialog key={conversation.id} conversation={conversation} onClose={close} />;
}
