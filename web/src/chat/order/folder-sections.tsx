import type { ComponentType } from 'preact';
import { useState } from 'preact/hooks';
import type { Conversation } from '../../api/types.ts';
import { loadConversations } from '../../state/conversations.ts';
import { reportError } from '../../state/error-notice.ts';
import {
  chatsIn,
  type Folder,
  folders,
  loadFolder,
  removeFolder,
  renameFolder,
} from '../../state/folders.ts';
import { orderText } from '../../strings/order/order.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icons.tsx';
import { MenuButton } from '../../ui/menu.tsx';
import { Fault, useAttempt } from '../../ui/use-attempt.tsx';
import '../../styles/order.css';

type ChatItem = ComponentType<{
  conversation: Conversation;
  isCurrent: boolean;
  onGone: () => void;
}>;

interface Props {
  readonly current: string | undefined;
  readonly onGone: () => void;
  /** How the list shows a chat. */
  readonly item: ChatItem;
}

/** The folders of the sidebar; each can be opened. */
export function FolderSections(props: Props) {
  const text = orderText.value;
  if (folders.value.length === 0) return null;
  return (
    <section class="folders">
      <h2>{text.folders}</h2>
      <ul>
        {folders.value.map((folder) => (
          <FolderSection key={folder.id} folder={folder} {...props} />
        ))}
      </ul>
    </section>
  );
}

function FolderSection({ folder, current, onGone, item: Item }: Props & { folder: Folder }) {
  const text = orderText.value;
  const [isOpen, setOpen] = useState(chatsIn.value.has(folder.id));
  const [dialog, setDialog] = useState<'rename' | 'remove'>();
  const chats = chatsIn.value.get(folder.id);
  const toggle = () => {
    setOpen(!isOpen);
    if (!isOpen && !chats) loadFolder(folder.id).catch(reportError);
  };
  return (
    <li class="folder">
      <div class="folder-head">
        <button
          type="button"
          class="quiet folder-toggle"
          data-rove
          aria-expanded={isOpen}
          onClick={toggle}
        >
          <Icon name="folder" />
          <span dir="auto">{folder.name}</span>
        </button>
        <MenuButton
          label={text.folderMenu(folder.name)}
          class="quiet menu-button"
          groups={() => [
            {
              items: [
                { label: text.renameFolder, icon: 'pencil', onSelect: () => setDialog('rename') },
                {
                  label: text.removeFolder,
                  icon: 'trash',
                  isBad: true,
                  onSelect: () => setDialog('remove'),
                },
              ],
            },
          ]}
        >
          <Icon name="more" />
        </MenuButton>
      </div>
      {isOpen && chats?.length === 0 && <p class="empty">{text.emptyFolder}</p>}
      {isOpen && chats && chats.length > 0 && (
        <ul aria-label={text.folderOf(folder.name)}>
          {chats.map((it) => (
            <Item key={it.id} conversation={it} isCurrent={it.id === current} onGone={onGone} />
          ))}
        </ul>
      )}
      {dialog === 'rename' && <RenameDialog folder={folder} onClose={() => setDialog(undefined)} />}
      {dialog === 'remove' && <RemoveDialog folder={folder} onClose={() => setDialog(undefined)} />}
    </li>
  );
}

function RenameDialog({ folder, onClose }: { folder: Folder; onClose: () => void }) {
  const text = orderText.value;
  const [name, setName] = useState(folder.name);
  const { fault, attempt } = useAttempt();
  const save = async (event: Event) => {
    event.preventDefault();
    if (name.trim() === '') return;
    if (await attempt(() => renameFolder(folder.id, name.trim()))) onClose();
  };
  return (
    <Dialog title={text.renameFolder} onClose={onClose}>
      <form class="row" onSubmit={(event) => void save(event)}>
        <input
          aria-label={text.folderName}
          dir="auto"
          maxLength={100}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit">{text.rename}</button>
      </form>
      <Fault words={fault} />
    </Dialog>
  );
}

function RemoveDialog({ folder, onClose }: { folder: Folder; onClose: () => void }) {
  const text = orderText.value;
  const { fault, attempt } = useAttempt();
  const remove = async () => {
    if (!(await attempt(() => removeFolder(folder.id)))) return;
    onClose();
    void loadConversations();
  };
  return (
    <Dialog title={text.removeFolder} onClose={onClose}>
      <p dir="auto">{folder.name}</p>
      <p>{text.removeFolderText}</p>
      <Fault words={fault} />
      <div class="row dialog-actions">
        <button type="button" onClick={onClose}>
          {text.cancel}
        </button>
        <button type="button" class="bad" onClick={() => void remove()}>
          {text.removeFolder}
        </button>
      </div>
    </Dialog>
  );
}
