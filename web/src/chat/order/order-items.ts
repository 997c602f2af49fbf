import type { Conversation } from '../../api/types.ts';
import { reportError } from '../../state/error-notice.ts';
import { strings } from '../../strings/strings.ts';
import type { MenuItem } from '../../ui/menu.tsx';
import { setArchived, setPinned } from './order-actions.ts';
import { openFolderDialog } from './order-hosts.tsx';

/** What a chat's menu offers for its place in the list. */
export function orderItems(conversation: Conversation): MenuItem[] {
  const { id, pinned, archived } = conversation;
  const text = strings.value.order;
  const act = (work: Promise<void>) => void work.catch(reportError);
  return [
    {
      label: pinned ? text.unpin : text.pin,
      icon: 'pin',
      onSelect: () => act(setPinned(id, !pinned)),
    },
    {
      label: archived ? text.restore : text.archive,
      icon: 'box',
      onSelect: () => act(setArchived(id, !archived)),
    },
    { label: text.move, icon: 'folder', onSelect: () => openFolderDialog(conversation) },
  ];
}
