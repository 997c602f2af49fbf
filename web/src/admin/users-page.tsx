import { useEffect } from 'preact/hooks';
import { go, query, setQuery } from '../state/router.ts';
import { number } from '../strings/strings.ts';
import { Heading, useTitle } from './heading.tsx';
import { type List, ListState, More, useList } from './list.tsx';
import { type Selection, useSelection } from './selection.ts';
import { counted } from './sentences.ts';
import { useTypedQuery } from './typed-query.ts';
import type { AdminUser } from './types.ts';
import { disableMany, sortForDisabling } from './user-deeds.ts';
import { UsersTable } from './users-table.tsx';
import { words } from './words.ts';

/** Everybody who has an account. */
export function UsersPage() {
  useTitle(words.users);
  const { value: wanted } = query;
  const address = `/api/admin/users/?${wanted}`;
  const list = useList<AdminUser>(address, 'users');
  const order = (list.items ?? []).map(({ id }) => id);
  const selection = useSelection(order);
  // Who is not shown any more must not be among those that something is done to.
  useEffect(() => selection.set([]), [address]);
  return (
    <>
      <header class="place-head">
        <Heading title={words.users} />
        <a class="button primary" href="/admin/users/new">
          {words.newUser}
        </a>
      </header>
      <Filters />
      <ListState list={list} empty={words.noUsers}>
        <p class="hint keys-hint">{words.keysHelp}</p>
        <UsersTable users={list.items ?? []} selection={selection} onChange={list.reload} />
        <More list={list} />
      </ListState>
      <Actions list={list} selection={selection} />
    </>
  );
}

function Filters() {
  const wanted = query.value;
  const { text, type } = useTypedQuery('q');
  return (
    <search class="filters">
      <input
        type="search"
        placeholder={words.searchUsers}
        aria-label={words.searchUsers}
        maxLength={50}
        value={text}
        onInput={(event) => type(event.currentTarget.value)}
      />
      <select
        aria-label={words.state}
        value={wanted.get('state') ?? ''}
        onChange={(event) => setQuery({ state: event.currentTarget.value })}
      >
        <option value="">{words.anyState}</option>
        <option value="active">{words.active}</option>
        <option value="disabled">{words.disabled}</option>
      </select>
      <select
        aria-label={words.role}
        value={wanted.get('role') ?? ''}
        onChange={(event) => setQuery({ role: event.currentTarget.value })}
      >
        <option value="">{words.anyRole}</option>
        <option value="staff">{words.staff}</option>
        <option value="superuser">{words.superuser}</option>
      </select>
    </search>
  );
}

/** What can be done to those who are selected; at the foot, in sight of wherever they stand. */
function Actions({ list, selection }: { list: List<AdminUser>; selection: Selection }) {
  const count = selection.ids.size;
  if (count === 0) return null;
  const chosen = (list.items ?? []).filter(({ id }) => selection.ids.has(id));
  const able = sortForDisabling(chosen).able.length;
  const disable = async () => {
    if (!(await disableMany(chosen))) return;
    selection.set([]);
    list.reload();
  };
  return (
    <div class="selection-bar" role="toolbar" aria-label={words.selected(number(count))}>
      <strong>{words.selected(number(count))}</strong>
      <button type="button" onClick={() => go(`/admin/credits?to=${[...selection.ids].join(',')}`)}>
        {words.giveTo(number(count))}
      </button>
      <button type="button" onClick={() => void disable()}>
        {able === 0 ? words.disable : words.disableMany(counted(able, 'user'))}
      </button>
      <button type="button" class="quiet" onClick={() => selection.set([])}>
        {words.clear}
      </button>
    </div>
  );
}
