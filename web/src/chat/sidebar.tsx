import { useEffect, useState } from 'preact/hooks';
import type { Conversation } from '../api/types.ts';
import { me } from '../state/account.ts';
import {
  conversations,
  hasListError,
  loadConversations,
  loadMore,
  nextPage,
  search,
} from '../state/conversations.ts';
import { generating } from '../state/generating-chats.ts';
import { strings } from '../strings/strings.ts';
import { Icon } from '../ui/icons.tsx';
import { ConversationMenu } from './conversation-menu.tsx';
import { HitLine, openHit, Shelves } from './order/shelves.tsx';

const TYPING_PAUSE_MS = 200;
const DAY_MS = 86_400_000;

/** New chat, search, conversations by day, and the account at the bottom. */
export function Sidebar({ current, onGone }: { current: string | undefined; onGone: () => void }) {
  const text = strings.value;
  useEffect(() => {
    // Searches after a pause, not with each letter.
    const timer = setTimeout(() => void loadConversations(), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [search.value]);
  return (
    <nav class="sidebar" aria-label={text.conversations}>
      <div class="sidebar-head">
        <a class="button primary new-chat" href="/" onClick={onGone}>
          <Icon name="plus" /> {text.newChat}
        </a>
        <input
          id="search"
          type="search"
          placeholder={text.search}
          aria-label={text.searchConversations}
          maxLength={100}
          value={search.value}
          onInput={(event) => {
            search.value = event.currentTarget.value;
          }}
        />
      </div>
      <div class="conversations">
        {hasListError.value && (
          <div class="send-failure" role="alert">
            <p>{text.listError}</p>
            <button type="button" onClick={() => void loadConversations()}>
              {text.retry}
            </button>
          </div>
        )}
        <Shelves current={current} onGone={onGone} item={ConversationItem} />
        <ConversationGroups current={current} onGone={onGone} />
      </div>
      <a class="all-chats" href="/chats" onClick={onGone}>
        {text.order.allChats}
      </a>
      <div class="sidebar-foot">
        <a class="foot-name" href="/account" title={text.account} onClick={onGone}>
          {me.value?.username}
        </a>
        {me.value?.is_staff && <a href="/admin/">{text.administration}</a>}
        {me.value?.manages_groups && !me.value.is_staff && (
          <a href="/admin/">{text.manageGroups}</a>
        )}
        <a href="/statement" onClick={onGone}>
          {text.statement}
        </a>
      </div>
    </nav>
  );
}

function ConversationGroups(props: { current: string | undefined; onGone: () => void }) {
  const text = strings.value;
  const all = conversations.value;
  if (all === undefined) return null;
  if (all.length === 0) {
    return <p class="empty">{search.value === '' ? text.noConversations : text.nothingFound}</p>;
  }
  return (
    <>
      {grouped(all).map(([title, members]) => (
        <section key={title}>
          <h2>{title}</h2>
          <ul>
            {members.map((it) => (
              <ConversationItem
                key={it.id}
                conversation={it}
                isCurrent={it.id === props.current}
                onGone={props.onGone}
              />
            ))}
          </ul>
        </section>
      ))}
      {nextPage.value && (
        <button type="button" class="quiet" onClick={() => void loadMore()}>
          {text.more}
        </button>
      )}
    </>
  );
}

function ConversationItem(props: {
  conversation: Conversation;
  isCurrent: boolean;
  onGone: () => void;
}) {
  const { conversation, isCurrent, onGone } = props;
  const [isMenuOpen, setMenuOpen] = useState(false);
  const title = conversation.title === '' ? strings.value.untitled : conversation.title;
  return (
    <li class={isCurrent ? 'conversation current' : 'conversation'}>
      <a
        href={`/c/${conversation.id}`}
        aria-current={isCurrent ? 'page' : undefined}
        title={title}
        onClick={(event) => {
          openHit(event, conversation);
          onGone();
        }}
      >
        {generating.value.has(conversation.id) && (
          <span class="writing" role="img" aria-label={strings.value.generating} />
        )}
        <span class="conversation-title">{title}</span>
        {conversation.share !== null && (
          <>
            <span class="offscreen">{`, ${strings.value.isShared}`}</span>
            <span class="shared-mark" title={strings.value.isShared}>
              <Icon name="link" />
            </span>
          </>
        )}
        <HitLine conversation={conversation} />
      </a>
      <button
        type="button"
        class="quiet menu-button"
        aria-label={strings.value.conversationMenu(title)}
        onClick={(event) => {
          // Safari does not focus a clicked button, and the dialog returns the focus to it.
          event.currentTarget.focus();
          setMenuOpen(true);
        }}
      >
        <Icon name="more" />
      </button>
      {isMenuOpen && (
        <ConversationMenu conversation={conversation} onClose={() => setMenuOpen(false)} />
      )}
    </li>
  );
}

/** Groups conversations by the day of their last use; empty groups are left out. */
function grouped(all: readonly Conversation[]): [string, Conversation[]][] {
  const text = strings.value;
  const midnight = new Date().setHours(0, 0, 0, 0);
  const groups = new Map<string, Conversation[]>();
  for (const conversation of all) {
    const atMs = Date.parse(conversation.updated_at);
    const name =
      atMs >= midnight
        ? text.today
        : atMs >= midnight - DAY_MS
          ? text.yesterday
          : atMs >= midnight - 7 * DAY_MS
            ? text.lastWeek
            : text.older;
    groups.set(name, [...(groups.get(name) ?? []), conversation]);
  }
  return [...groups];
}
