import { useRef, useState } from 'preact/hooks';
import { download } from '../api/download.ts';
import type { Conversation } from '../api/types.ts';
import { reportError } from '../state/error-notice.ts';
import { strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';
import { laterPart } from '../ui/later-part.tsx';
import { MenuButton, type MenuGroup } from '../ui/menu.tsx';

const SharePopover = laterPart(async () => (await import('./share-popover.tsx')).SharePopover);
const DeleteDialog = laterPart(async () => (await import('./delete-dialog.tsx')).DeleteDialog);

/** Everything that can be done with a chat, as a menu beside its title. */
export function ConversationMenu(props: { conversation: Conversation; onRename: () => void }) {
  const { conversation, onRename } = props;
  const text = strings.value;
  const button = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState<'share' | 'delete'>();
  const close = () => setOpened(undefined);
  const name = conversation.title === '' ? text.untitled : conversation.title;
  const groups = (): MenuGroup[] => [
    {
      items: [
        { label: text.rename, icon: 'pencil', detail: 'F2', onSelect: onRename },
        { label: text.share, icon: 'link', onSelect: () => setOpened('share') },
      ],
    },
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
      <MenuButton
        label={text.conversationMenu(name)}
        class="quiet menu-button"
        buttonRef={button}
        groups={groups}
      >
        <Icon name="more" />
      </MenuButton>
      {opened === 'share' && button.current && (
        <SharePopover conversation={conversation} anchor={button.current} onClose={close} />
      )}
      {opened === 'delete' && <DeleteDialog conversation={conversation} onClose={close} />}
    </>
  );
}

function save({ id, title }: Conversation, format: 'markdown' | 'json'): void {
  const where = `/api/conversations/${id}/export/?format=${format}`;
  const name = `${title || 'chat'}.${format === 'json' ? 'json' : 'md'}`;
  download(where, name).catch(reportError);
}
