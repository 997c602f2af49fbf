import { useState } from 'preact/hooks';
import type { Conversation } from '../../api/types.ts';
import { createFolder, folders } from '../../state/folders.ts';
import { orderText } from '../../strings/order/order.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Fault, useAttempt } from '../../ui/use-attempt.tsx';
import { place } from './order-actions.ts';
import '../../styles/order.css';

/** Chooses the folder of a chat, or makes one for it. */
export function FolderDialog(props: { conversation: Conversation; onClose: () => void }) {
  const { conversation, onClose } = props;
  const text = orderText.value;
  const [name, setName] = useState('');
  const { fault, attempt } = useAttempt();
  const moveTo = async (folder: string | null) => {
    if (await attempt(() => place(conversation.id, { folder }))) onClose();
  };
  const create = async (event: Event) => {
    event.preventDefault();
    if (name.trim() === '') return;
    const isMoved = await attempt(async () => {
      const { id: folder } = await createFolder(name.trim());
      await place(conversation.id, { folder });
    });
    if (isMoved) onClose();
  };
  const choices = [{ id: null, name: text.noFolder }, ...folders.value];
  return (
    <Dialog title={text.chooseFolder} onClose={onClose}>
      <ul class="folder-choices">
        {choices.map(({ id, name: label }) => (
          <li key={id}>
            <button
              type="button"
              class="menu-item"
              aria-pressed={conversation.folder === id}
              onClick={() => void moveTo(id)}
            >
              <span class="menu-check">{conversation.folder === id && <Icon name="check" />}</span>
              <span dir="auto">{label}</span>
            </button>
          </li>
        ))}
      </ul>
      <form class="row" onSubmit={(event) => void create(event)}>
        <input
          aria-label={text.folderName}
          placeholder={text.newFolder}
          dir="auto"
          maxLength={100}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit">{text.create}</button>
      </form>
      <Fault words={fault} />
    </Dialog>
  );
}
