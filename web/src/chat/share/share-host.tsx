import { signal } from '@preact/signals';
import { laterPart } from '../../ui/later-part.tsx';

/** The chat that is being shared; undefined while the dialog is closed. */
const shared = signal<string | undefined>(undefined);

const ShareDialog = laterPart(async () => (await import('./share-dialog.tsx')).ShareDialog);

/** Opens the dialog about the link to a chat. */
export function openShareDialog(conversationId: string): void {
  shared.value = conversationId;
}

/** The dialog about the link to a chat, while it is open. */
export function ShareHost() {
  const { value: id } = shared;
  if (id === undefined) return null;
  const close = () => {
    shared.value = undefined;
  };
  return <ShareDialog key={id} id={id} onClose={close} />;
}
