import { useEffect, useRef, useState } from 'preact/hooks';
import type { Conversation } from '../api/types.ts';
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
import { useRoving } from '../ui/use-roving.ts';
import { ConversationMenu } from './conversation-menu.tsx';
import { HitLine, hasShelves, openHit, Shelves } from './order/shelves.tsx';
import { RenameField } from './rename-field.tsx';

const DAY_MS = 86_400_000;

interface ListProps {
  /** The id of the chat that is open. */
  readonly current: string | undefined;
  /** Called when another chat is opened from the list. */
  readonly onGone: () => void;
}

/** The chats, by the day of their last use. One stop for the Tab key; arrow keys move in it. */
export function ChatList({ current, onGone }: ListProps) {
  const text = strings.value;
  const list = useRef<HTMLDivElement>(null);
  useRoving(list, '[aria-current]');
  const all = conversations.value;
  return (
    <div ref={list} class="conversations">
      {hasListError.value && (
        <div class="send-failure" role="alert">
          <p>{text.listError}</p>
          <button type="button" onClick={() => void loadConversations()}>
            {text.retry}
          </button>
        </div>
      )}
      {all?.length === 0 && !hasShelves() && (
        <p class="empty">{search.value === '' ? text.noConversations : text.nothingFound}</p>
      )}
      <Shelves current={current} onGone={onGone} item={ChatItem} />
      {grouped(all ?? []).map(([title, members]) => (
        <ChatSection
          key={title}
          title={title}
          members={members}
          current={current}
          onGone={onGone}
        />
      ))}
      {nextPage.value !== undefined && <More key={nextPage.value} />}
    </div>
  );
}

/** Chats under a heading. */
export function ChatSection(
  props: ListProps & { title: string; members: readonly Conversation[] },
) {
  const { title, members, current, onGone } = props;
  return (
    <section>
      <h2>{title}</h2>
      <ul>
        {members.map((it) => (
          <ChatItem key={it.id} conversation={it} isCurrent={it.id === current} onGone={onGone} />
        ))}
      </ul>
    </section>
  );
}

/** The end of what is loaded: when it is scrolled to, the next page is. */
function More() {
  const end = useRef<HTMLDivElement>(null);
  const [hasFailed, setFailed] = useState(false);
  const load = async () => {
    setFailed(false);
    await loadMore();
    // If it came, this end was replaced by the next one.
    setFailed(true);
  };
  useEffect(() => {
    if (!end.current) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        observer.disconnect();
        void load();
      },
      { rootMargin: '400px' },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={end} class="list-end" role="status">
      {hasFailed ? (
        <button type="button" class="quiet" onClick={() => void load()}>
          {strings.value.more}
        </button>
      ) : (
        strings.value.loadingMore
      )}
    </div>
  );
}

function ChatItem(props: { conversation: Conversation; isCurrent: boolean; onGone: () => void }) {
  const { conversation, isCurrent, onGone } = props;
  const text = strings.value;
  const link = useRef<HTMLAnchorElement>(null);
  const [isRenamed, setRenamed] = useState(false);
  const title = conversation.title === '' ? text.untitled : conversation.title;
  if (isRenamed) {
    return (
      <li class="conversation renamed">
        <RenameField
          conversation={conversation}
          onDone={(isKeyboard) => {
            setRenamed(false);
            if (isKeyboard) requestAnimationFrame(() => link.current?.focus());
          }}
        />
      </li>
    );
  }
  return (
    <li class={isCurrent ? 'conversation current' : 'conversation'}>
      <a
        ref={link}
        href={`/c/${conversation.id}`}
        data-rove
        aria-current={isCurrent ? 'page' : undefined}
        title={title}
        onClick={(event) => {
          openHit(event, conversation);
          onGone();
        }}
        onKeyDown={(event) => {
          if (event.key !== 'F2') return;
          event.preventDefault();
          setRenamed(true);
        }}
      >
        {generating.value.has(conversation.id) && (
          <span class="writing" role="img" aria-label={text.generating} />
        )}
        <span class="conversation-title" dir="auto">
          {title}
        </span>
        {conversation.share !== null && (
          <>
            <span class="offscreen">{`, ${text.isShared}`}</span>
            <span class="shared-mark" title={text.isShared}>
              <Icon name="link" />
            </span>
          </>
        )}
        <HitLine conversation={conversation} />
      </a>
      <ConversationMenu conversation={conversation} onRename={() => setRenamed(true)} />
    </li>
  );
}

/** Groups chats by the day of their last use; empty groups are left out. */
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
    const group = groups.get(name);
    if (group) group.push(conversation);
    else groups.set(name, [conversation]);
  }
  return [...groups];
}
