import { useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import { me } from '../../state/account.ts';
import { query, setQuery } from '../../state/router.ts';
import { time } from '../../strings/strings.ts';
import type { Chat, ChatPage } from '../types.ts';
import { Labelled } from '../ui/filters.tsx';
import { Heading } from '../ui/heading.tsx';
import { More, sentenceOf } from '../ui/list.tsx';
import { TableFrame } from '../ui/tables.tsx';
import { words } from '../words/words.ts';

/** What users said, where that is allowed; each look with its reason. */
export function ChatsPage() {
  const [isRefused, setRefused] = useState(false);
  return (
    <>
      <header class="place-head">
        <Heading title={words.value.chats} />
      </header>
      {isRefused || me.value?.staff_reads_chats === false ? (
        <p class="hint">{words.value.chatsOff}</p>
      ) : (
        <Looking onRefused={() => setRefused(true)} />
      )}
    </>
  );
}

interface Found {
  /** What was looked for. */
  readonly question: string;
  readonly chats: readonly Chat[];
  readonly page: ChatPage;
}

function Looking({ onRefused }: { onRefused: () => void }) {
  const [reason, setReason] = useState('');
  const [found, setFound] = useState<Found>();
  const [fault, setFault] = useState<string>();
  const [isWaiting, setWaiting] = useState(false);
  const q = query.value.get('q') ?? '';
  const user = query.value.get('user') ?? '';
  const question = JSON.stringify([q, user]);
  const look = async (before: Found | undefined) => {
    const body = {
      reason,
      ...(q === '' ? {} : { q }),
      ...(user === '' ? {} : { user }),
      ...(before ? { cursor: before.page.next_cursor } : {}),
    };
    setWaiting(true);
    setFault(undefined);
    try {
      const page = await call<ChatPage>('POST', '/api/admin/chats/', body);
      setFound({ question, page, chats: [...(before?.chats ?? []), ...page.chats] });
    } catch (error) {
      setFound(before);
      // It may have been forbidden since the page was opened.
      if (error instanceof ApiError && error.status === 403) onRefused();
      setFault(sentenceOf(error));
    }
    setWaiting(false);
  };
  return (
    <>
      <LookFor
        reason={reason}
        isWaiting={isWaiting}
        onReason={setReason}
        onLook={() => void look(undefined)}
      />
      {fault !== undefined && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {found && found.question !== question && <p class="hint">{words.value.lookAgain}</p>}
      {found?.question === question && (
        <div class={isWaiting ? 'answered dim' : 'answered'} aria-busy={isWaiting}>
          {found.chats.length === 0 && <p class="empty">{words.value.noChats}</p>}
          {found.chats.length > 0 && <ChatTable chats={found.chats} />}
          <More
            list={{
              hasMore: found.page.has_more,
              searchedBackTo: found.page.searched_back_to,
              loadMore: () => void look(found),
            }}
          />
        </div>
      )}
    </>
  );
}

function LookFor(props: {
  reason: string;
  isWaiting: boolean;
  onReason: (reason: string) => void;
  onLook: () => void;
}) {
  const { reason, isWaiting, onReason, onLook } = props;
  const { value: wanted } = query;
  return (
    <form
      class="filter-row open"
      onSubmit={(event) => {
        event.preventDefault();
        onLook();
      }}
    >
      <div class="filter-fields">
        <Labelled name="reason" label={words.value.reasonRequired}>
          <input
            required
            id="filter-reason"
            maxLength={500}
            value={reason}
            onInput={(event) => onReason(event.currentTarget.value)}
          />
        </Labelled>
        <Labelled name="q" label={words.value.searchChats}>
          <input
            type="search"
            id="filter-q"
            maxLength={200}
            value={wanted.get('q') ?? ''}
            onInput={(event) => setQuery({ q: event.currentTarget.value })}
          />
        </Labelled>
        <Labelled name="user" label={words.value.userOptional}>
          <input
            id="filter-user"
            maxLength={100}
            value={wanted.get('user') ?? ''}
            onInput={(event) => setQuery({ user: event.currentTarget.value })}
          />
        </Labelled>
        <button type="submit" class="primary" disabled={isWaiting}>
          {words.value.look}
        </button>
      </div>
      <p class="hint">{words.value.chatsText}</p>
    </form>
  );
}

function ChatTable({ chats }: { chats: readonly Chat[] }) {
  return (
    <TableFrame name={words.value.chats}>
      <table class="data stacks">
        <thead>
          <tr>
            <th>{words.value.user}</th>
            <th>{words.value.message}</th>
            <th>{words.value.response}</th>
            <th>{words.value.when}</th>
          </tr>
        </thead>
        <tbody>
          {chats.map((it) => (
            <tr key={it.id}>
              <td>
                <a href={`/admin/users/${it.user}`}>{it.username ?? words.value.deleted}</a>
              </td>
              <td class="said" data-name={words.value.message}>
                {it.message}
              </td>
              <td class="said" data-name={words.value.response}>
                {it.response}
              </td>
              <td data-name={words.value.when}>{time(it.timestamp)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
