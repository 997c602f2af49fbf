import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { me } from '../../state/account.ts';
import { query, setQuery } from '../../state/router.ts';
import { failureText, strings, time } from '../../strings/strings.ts';
import type { Chat } from '../types.ts';
import { Labelled } from '../ui/filters.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, LoadMore, usePages } from '../ui/resource.tsx';
import { TableFrame } from '../ui/tables.tsx';
import { words } from '../words/words.ts';

/** The chats of users, where staff may view them; every search has its reason. */
export function ChatsPage() {
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.chats} />
      </header>
      {me.value?.staff_reads_chats === false ? (
        <p class="hint">{words.value.chatsOff}</p>
      ) : (
        <ChatSearch />
      )}
    </>
  );
}

/** What was searched for. */
interface Search {
  readonly reason: string;
  readonly q?: string;
  readonly user?: string;
}

function ChatSearch() {
  const [reason, setReason] = useState('');
  const [search, setSearch] = useState<Search>();
  const q = query.value.get('q') ?? '';
  const user = query.value.get('user') ?? '';
  const pages = usePages<Chat>(search && JSON.stringify(search), 'chats', (body, cursor) =>
    call('POST', '/api/admin/chats/', { ...JSON.parse(body), ...(cursor ? { cursor } : {}) }),
  );
  const submit = () => {
    const next = { reason, ...(q === '' ? {} : { q }), ...(user === '' ? {} : { user }) };
    if (JSON.stringify(next) === JSON.stringify(search)) pages.reload();
    else setSearch(next);
  };
  // Viewing chats may have been forbidden since the page was opened.
  if (pages.failure?.status === 403) return <p class="hint">{words.value.chatsOff}</p>;
  const isChanged = (search?.q ?? '') !== q || (search?.user ?? '') !== user;
  const isLoading = search !== undefined && (pages.isLoading || pages.isLoadingMore);
  return (
    <>
      <SearchForm reason={reason} isLoading={isLoading} onReason={setReason} onSubmit={submit} />
      {search && isChanged && <p class="hint">{words.value.searchChanged}</p>}
      {search && !isChanged && (
        <Loaded resource={pages} empty={words.value.noChats}>
          {(chats) => <ChatTable chats={chats} />}
        </Loaded>
      )}
      {search && !isChanged && <LoadMore pages={pages} />}
    </>
  );
}

function SearchForm(props: {
  reason: string;
  isLoading: boolean;
  onReason: (reason: string) => void;
  onSubmit: () => void;
}) {
  const { reason, isLoading, onReason, onSubmit } = props;
  const { value: address } = query;
  return (
    <form
      class="filter-row open"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <div class="filter-fields">
        <Labelled name="reason" label={words.value.reasonRequired}>
          <input
            required
            id="filter-reason"
            maxLength={500}
            title={words.value.reasonHint}
            value={reason}
            onInput={(event) => onReason(event.currentTarget.value)}
          />
        </Labelled>
        <Labelled name="q" label={words.value.searchText}>
          <input
            type="search"
            id="filter-q"
            maxLength={100}
            value={address.get('q') ?? ''}
            onInput={(event) => setQuery({ q: event.currentTarget.value })}
          />
        </Labelled>
        <Labelled name="user" label={words.value.userOptional}>
          <input
            id="filter-user"
            maxLength={100}
            value={address.get('user') ?? ''}
            onInput={(event) => setQuery({ user: event.currentTarget.value })}
          />
        </Labelled>
        <button type="submit" class="primary" disabled={isLoading}>
          {words.value.viewChats}
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
            <th>{words.value.answer}</th>
            <th>{strings.value.when}</th>
          </tr>
        </thead>
        <tbody>
          {chats.map((it) => (
            <tr key={it.id}>
              <td>
                <a href={`/admin/users/${it.user}`}>{it.username ?? words.value.deletedUser}</a>
              </td>
              <td class="long-text" data-name={words.value.message}>
                {it.message}
              </td>
              <td class="long-text" data-name={words.value.answer}>
                {it.response}
                {it.failure && <p class="hint">{failureText(it)}</p>}
              </td>
              <td data-name={strings.value.when}>{time(it.timestamp)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
