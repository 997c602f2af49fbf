import { useState } from 'preact/hooks';
import { ApiError, call } from '../api/client.ts';
import { query, setQuery } from '../state/router.ts';
import { time } from '../strings/strings.ts';
import { More, sentenceOf } from './list.tsx';
import { TableFrame } from './tables.tsx';
import type { Chat, ChatPage } from './types.ts';
import { words } from './words.ts';

/** What users said, where that is allowed; each look with its reason. */
export function ChatsPage() {
  const [reason, setReason] = useState('');
  const [chats, setChats] = useState<readonly Chat[]>();
  const [page, setPage] = useState<ChatPage>();
  const [fault, setFault] = useState<string>();
  const { value: wanted } = query;
  const look = async (cursor: string | null) => {
    const user = wanted.get('user');
    const q = wanted.get('q') ?? '';
    const body = {
      ...{ reason, ...(q === '' ? {} : { q }) },
      ...(user ? { user } : {}),
      ...(cursor === null ? {} : { cursor }),
    };
    try {
      const found = await call<ChatPage>('POST', '/api/admin/chats/', body);
      setChats((before) => [...(cursor === null ? [] : (before ?? [])), ...found.chats]);
      setPage(found);
      setFault(undefined);
    } catch (error) {
      const isOff = error instanceof ApiError && error.status === 403;
      setFault(isOff ? words.chatsOff : sentenceOf(error));
    }
  };
  return (
    <>
      <header class="place-head">
        <h1>{words.chats}</h1>
      </header>
      <LookFor reason={reason} onReason={setReason} onLook={() => void look(null)} />
      <p class="hint">{words.chatsText}</p>
      {fault !== undefined && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {chats?.length === 0 && <p class="empty">{words.noChats}</p>}
      {chats && chats.length > 0 && <ChatTable chats={chats} />}
      {page && (
        <More
          list={{
            hasMore: page.has_more,
            searchedBackTo: page.searched_back_to,
            loadMore: () => void look(page.next_cursor),
          }}
        />
      )}
    </>
  );
}

function LookFor(props: {
  reason: string;
  onReason: (reason: string) => void;
  onLook: () => void;
}) {
  const { reason, onReason, onLook } = props;
  const { value: wanted } = query;
  return (
    <form
      class="filters"
      onSubmit={(event) => {
        event.preventDefault();
        onLook();
      }}
    >
      <input
        required
        maxLength={500}
        aria-label={words.reason}
        placeholder={words.reason}
        value={reason}
        onInput={(event) => onReason(event.currentTarget.value)}
      />
      <input
        type="search"
        maxLength={200}
        aria-label={words.searchChats}
        placeholder={words.searchChats}
        value={wanted.get('q') ?? ''}
        onInput={(event) => setQuery({ q: event.currentTarget.value })}
      />
      <input
        maxLength={100}
        aria-label={words.user}
        placeholder={words.user}
        value={wanted.get('user') ?? ''}
        onInput={(event) => setQuery({ user: event.currentTarget.value })}
      />
      <button type="submit" class="primary">
        {words.look}
      </button>
    </form>
  );
}

function ChatTable({ chats }: { chats: readonly Chat[] }) {
  return (
    <TableFrame name={words.chats}>
      <table class="data">
        <thead>
          <tr>
            <th>{words.user}</th>
            <th>{words.message}</th>
            <th>{words.response}</th>
            <th>{words.when}</th>
          </tr>
        </thead>
        <tbody>
          {chats.map((it) => (
            <tr key={it.id}>
              <td>
                <a href={`/admin/users/${it.user}`}>{it.username ?? words.deleted}</a>
              </td>
              <td class="said">{it.message}</td>
              <td class="said">{it.response}</td>
              <td>{time(it.timestamp)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
