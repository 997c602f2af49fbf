import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { Conversation } from '../../api/types.ts';
import { forgetConversations, loadConversations } from '../../state/conversations.ts';
import { orderText } from '../../strings/order/order.ts';
import { dayAndClock, errorText, strings } from '../../strings/strings.ts';
import { announce } from '../../ui/announcer.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icons.tsx';
import { PageFrame } from '../../ui/page-frame.tsx';
import { Fault, useAttempt } from '../../ui/use-attempt.tsx';
import { place } from './order-actions.ts';
import '../../styles/order.css';

const PAGE = 100;
/** As many can be deleted with one request. */
const AT_ONCE = 200;

type Shelf = 'all' | 'archived';

/** All chats, and the archive: several can be chosen, to archive or delete them together. */
export function ChatsPage() {
  const text = orderText.value;
  const [shelf, setShelf] = useState<Shelf>('all');
  const list = useChats(shelf);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isAsking, setAsking] = useState(false);
  const { fault, attempt } = useAttempt();
  const show = (next: Shelf) => {
    setShelf(next);
    setChosen(new Set());
  };
  const toggle = (id: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  const archive = async (archived: boolean) => {
    await attempt(async () => {
      for (const id of chosen) await place(id, { archived });
    });
    setChosen(new Set());
    await list.reload();
  };
  const remove = async () => {
    const ids = [...chosen];
    const isDone = await attempt(async () => {
      let deleted = 0;
      for (let at = 0; at < ids.length; at += AT_ONCE) {
        const path = '/api/conversations/delete/';
        const some = ids.slice(at, at + AT_ONCE);
        deleted += (await call<{ deleted: number }>('POST', path, { ids: some })).deleted;
        forgetConversations(some);
      }
      announce(text.removed(deleted));
    });
    setAsking(false);
    if (isDone) setChosen(new Set());
    await list.reload();
  };
  const shown = list.chats ?? [];
  return (
    <PageFrame title={text.chats}>
      <ShelfChoice shelf={shelf} onChoose={show} />
      <ChosenBar
        shelf={shelf}
        count={chosen.size}
        isAll={shown.length > 0 && shown.every(({ id }) => chosen.has(id))}
        onAll={(isAll) => setChosen(new Set(isAll ? shown.map(({ id }) => id) : []))}
        onArchive={() => void archive(shelf === 'all')}
        onRemove={() => setAsking(true)}
      />
      <Fault words={fault || list.fault} />
      {list.chats?.length === 0 && <p class="empty">{text.none[shelf]}</p>}
      <ul class="chats">
        {shown.map((it) => (
          <ChatRow
            key={it.id}
            chat={it}
            isChosen={chosen.has(it.id)}
            onChoose={(isChosen) => toggle(it.id, isChosen)}
          />
        ))}
      </ul>
      {list.hasMore && (
        <button type="button" class="quiet" onClick={() => void list.more()}>
          {text.more}
        </button>
      )}
      {isAsking && (
        <RemoveDialog
          count={chosen.size}
          onRemove={() => void remove()}
          onClose={() => setAsking(false)}
        />
      )}
    </PageFrame>
  );
}

/** What is done with the chats that are chosen. */
function ChosenBar(props: {
  shelf: Shelf;
  count: number;
  isAll: boolean;
  onAll: (isAll: boolean) => void;
  onArchive: () => void;
  onRemove: () => void;
}) {
  const { shelf, count, isAll, onAll, onArchive, onRemove } = props;
  const text = orderText.value;
  return (
    <div class="chosen-bar">
      <label>
        <input
          type="checkbox"
          checked={isAll}
          onChange={(event) => onAll(event.currentTarget.checked)}
        />
        {text.selectAll}
      </label>
      <div class="chosen-actions">
        <span role="status">{count > 0 && text.selected(count)}</span>
        <button type="button" disabled={count === 0} onClick={onArchive}>
          {shelf === 'all' ? text.archive : text.restore}
        </button>
        <button type="button" class="bad" disabled={count === 0} onClick={onRemove}>
          {text.remove}
        </button>
      </div>
    </div>
  );
}

function ShelfChoice({ shelf, onChoose }: { shelf: Shelf; onChoose: (shelf: Shelf) => void }) {
  const text = orderText.value;
  return (
    <fieldset class="shelf-choice" aria-label={text.chats}>
      {(['all', 'archived'] as const).map((it) => (
        <button key={it} type="button" aria-pressed={shelf === it} onClick={() => onChoose(it)}>
          {text.shelves[it]}
        </button>
      ))}
    </fieldset>
  );
}

function RemoveDialog(props: { count: number; onRemove: () => void; onClose: () => void }) {
  const { count, onRemove, onClose } = props;
  const text = orderText.value;
  return (
    <Dialog title={text.removeTitle(count)} onClose={onClose}>
      <p>{text.removeText}</p>
      <div class="row dialog-actions">
        <button type="button" onClick={onClose}>
          {text.cancel}
        </button>
        <button type="button" class="bad" onClick={onRemove}>
          {text.remove}
        </button>
      </div>
    </Dialog>
  );
}

function ChatRow(props: {
  chat: Conversation;
  isChosen: boolean;
  onChoose: (isChosen: boolean) => void;
}) {
  const { chat, isChosen, onChoose } = props;
  const text = orderText.value;
  const name = chat.title === '' ? strings.value.untitled : chat.title;
  const [day, clock] = dayAndClock(chat.updated_at);
  return (
    <li class={isChosen ? 'chat-row chosen' : 'chat-row'}>
      <label class="row-check">
        <input
          type="checkbox"
          aria-label={text.select(name)}
          checked={isChosen}
          onChange={(event) => onChoose(event.currentTarget.checked)}
        />
      </label>
      <a href={`/c/${chat.id}`} dir="auto">
        {name}
      </a>
      {chat.pinned && (
        <span class="row-mark" title={text.pinned}>
          <Icon name="pin" />
          <span class="offscreen">{text.pinned}</span>
        </span>
      )}
      {chat.archived && <span class="row-mark">{text.archived}</span>}
      <span class="row-moment">
        {day} {clock}
      </span>
    </li>
  );
}

/** The chats of a list, page by page. */
function useChats(shelf: Shelf) {
  const [state, setState] = useState<{
    readonly shelf: Shelf;
    readonly chats: readonly Conversation[];
    readonly cursor: string | null;
  }>();
  const [fault, setFault] = useState('');
  const read = async (cursor: string | null) => {
    const query = new URLSearchParams({ shelf, limit: `${PAGE}` });
    if (cursor !== null) query.set('cursor', cursor);
    try {
      const page = await call<{ conversations: Conversation[]; next_cursor: string | null }>(
        'GET',
        `/api/conversations/?${query}`,
      );
      const before = cursor === null ? [] : (state?.chats ?? []);
      setState({ shelf, chats: [...before, ...page.conversations], cursor: page.next_cursor });
      setFault('');
    } catch (error) {
      setFault(errorText(error));
    }
  };
  useEffect(() => void read(null), [shelf]);
  const current = state?.shelf === shelf ? state : undefined;
  return {
    chats: current?.chats,
    fault,
    hasMore: current?.cursor != null,
    more: () => read(current?.cursor ?? null),
    reload: async () => {
      await read(null);
      void loadConversations();
    },
  };
}
