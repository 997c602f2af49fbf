/** What the palette can do besides finding chats. */
import { signOut } from '../../api/client.ts';
import type { Conversation } from '../../api/types.ts';
import { changeConversation } from '../../state/conversations.ts';
import { reportError } from '../../state/error-notice.ts';
import { theme } from '../../state/preferences.ts';
import { go } from '../../state/router.ts';
import { beginTemporary } from '../../state/temporary.ts';
import { orderText } from '../../strings/order/order.ts';
import { strings } from '../../strings/strings.ts';
import type { IconName } from '../../ui/icons.tsx';
import { setArchived, setPinned } from '../order/order-actions.ts';
import { openFolderDialog } from '../order/order-hosts.tsx';

/** A command of the palette. */
export interface Command {
  readonly id: string;
  readonly label: string;
  readonly icon: IconName;
  readonly detail?: string;
  /** Keeps the palette open. */
  readonly isRename?: boolean;
  readonly run: () => void;
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** All commands, those about the open chat first. */
export function commandsFor(
  open: Conversation | undefined,
  { onHelp }: { readonly onHelp: () => void },
): Command[] {
  const text = orderText.value;
  const { ctrl, shift } = strings.value.keyNames;
  const about = open === undefined || open.temporary ? [] : aboutChat(open);
  return [
    {
      id: 'new',
      label: text.newChat,
      icon: 'plus',
      detail: `${isMac ? '⌘' : ctrl} + ${shift} + O`,
      run: () => go('/'),
    },
    { id: 'temporary', label: text.temporaryChat, icon: 'timer', run: beginTemporary },
    ...about,
    { id: 'chats', label: text.allChats, icon: 'box', run: () => go('/chats') },
    { id: 'account', label: text.account, icon: 'person', run: () => go('/account') },
    { id: 'statement', label: text.statement, icon: 'receipt', run: () => go('/statement') },
    { id: 'help', label: text.shortcuts, icon: 'keyboard', detail: '?', run: onHelp },
    ...(['light', 'dark', 'system'] as const)
      .filter((it) => it !== theme.value)
      .map((it): Command => ({ id: it, label: text[it], icon: 'tune', run: () => choose(it) })),
    { id: 'leave', label: text.signOut, icon: 'leave', run: () => void signOut() },
  ];
}

function aboutChat(open: Conversation): Command[] {
  const text = orderText.value;
  const { id, pinned, archived } = open;
  const act = (work: Promise<unknown>) => void work.catch(reportError);
  return [
    { id: 'rename', label: text.rename, icon: 'pencil', isRename: true, run: () => undefined },
    {
      id: 'pin',
      label: pinned ? text.unpin : text.pin,
      icon: 'pin',
      run: () => act(setPinned(id, !pinned)),
    },
    {
      id: 'archive',
      label: archived ? text.restore : text.archive,
      icon: 'box',
      run: () => act(setArchived(id, !archived)),
    },
    { id: 'move', label: text.move, icon: 'folder', run: () => openFolderDialog(open) },
  ];
}

function choose(value: typeof theme.value): void {
  theme.value = value;
}

/** Gives a chat another title. */
export async function rename(id: string, title: string): Promise<void> {
  await changeConversation(id, { title });
}
