import { useState } from 'preact/hooks';
import { download } from '../api/download.ts';
import type { Conversation } from '../api/types.ts';
import { reportError } from '../state/error-notice.ts';
import { strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';
import { laterPart } from '../ui/later-part.tsx';
import { MenuButton, type MenuGroup } from '../ui/menu.tsx';
import { orderItems } from './order/order-items.ts';
import { openShareDialog } from './share/share-host.tsx';

const DeleteDialog = laterPart(async () => (await import('./delete-dialog.tsx')).DeleteDialog);

/** Everything that can be done with a chat, as a menu beside its title. */
export function ConversationMenu(props: { conversation: Conversation; onRename: () => void }) {
  const { conversation, onRename } = props;
  const text = strings.value;
  const [opened, setOpened] = useState<'delete'>();
  const close = () => setOpened(undefined);
  const name = conversation.title === '' ? text.untitled : conversation.title;
  const groups = (): MenuGroup[] => [
    {
      items: [
        { label: text.rename, icon: 'pencil', detail: 'F2', onSelect: onRename },
        { label: text.share, icon: 'link', onSelect: () => openShareDialog(conversation.id) },
      ],
    },
    { items: orderItems(conversation) },
    {
      items: [
        {
          label: text.exportMarkdown,
          icon: 'download',
          onSelect: () => save(conversation, 'markdown'),
        },
        { label: text.exportJson, icon: 'download', onSelect: () => save(conversation, 'json') },
      ],
    },
    {
      items: [
        { label: text.remove, icon: 'trash', isBad: true, onSelect: () => setOpened('delete') },
      ],
    },
  ];
  return (
    <>
      <MenuButton label={text.conversationMenu(name)} class="quiet menu-button" groups={groups}>
        <Icon name="more" />
      </MenuButton>
      {opened === 'delete' && <DeleteDialog conversation={conversation} onClose={close} />}
    </>
  );
}

function save({ id, title }: Conversation, format: 'markdown' | 'json'): void {
  const where = `/api/conversations/${id}/export/?format=${format}`;
  const name = `${title || 'chat'}.${format === 'json' ? 'json' : 'md'}`;
  download(where, name).catch(reportError);
}
