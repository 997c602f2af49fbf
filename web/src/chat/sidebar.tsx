import { useEffect } from 'preact/hooks';
import { loadConversations, search } from '../state/conversations.ts';
import { strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';
import { AccountChip } from './account-chip.tsx';
import { ChatList } from './chat-list.tsx';
import { openPalette } from './palette/palette-host.tsx';

const TYPING_PAUSE_MS = 200;

/** New chat, search, the chats, and the account at the bottom. */
export function Sidebar(props: {
  /** The id of the chat that is open. */
  current: string | undefined;
  /** Called when something else is opened from here. */
  onGone: () => void;
  onHelp: () => void;
  /** Hides the sidebar. */
  onFold: () => void;
}) {
  const { current, onGone, onHelp, onFold } = props;
  const text = strings.value;
  useEffect(() => {
    // Searches after a pause, not with each letter.
    const timer = setTimeout(() => void loadConversations(), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [search.value]);
  return (
    <nav class="sidebar" aria-label={text.conversations}>
      <div class="sidebar-head">
        <a class="new-chat" href="/" onClick={onGone}>
          <Icon name="plus" /> {text.newChat}
        </a>
        <button
          type="button"
          class="quiet icon-button fold"
          aria-label={text.foldSidebar}
          title={text.foldSidebar}
          onClick={onFold}
        >
          <Icon name="sidebar" />
        </button>
        <label class="search">
          <Icon name="search" />
          <input
            id="search"
            type="search"
            dir="auto"
            placeholder={text.search}
            aria-label={text.searchConversations}
            maxLength={100}
            value={search.value}
            onInput={(event) => {
              search.value = event.currentTarget.value;
            }}
          />
        </label>
        <button
          type="button"
          class="quiet icon-button"
          aria-label={text.order.palette}
          title={text.order.palette}
          onClick={() => {
            onGone();
            openPalette();
          }}
        >
          <Icon name="command" />
        </button>
      </div>
      <ChatList current={current} onGone={onGone} />
      <a class="all-chats" href="/chats" onClick={onGone}>
        {text.order.allChats}
      </a>
      <div class="sidebar-foot">
        <AccountChip onGone={onGone} onHelp={onHelp} />
      </div>
    </nav>
  );
}
