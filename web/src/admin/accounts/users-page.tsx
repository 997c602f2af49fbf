import { useEffect } from 'preact/hooks';
import { go, query, setQuery } from '../../state/router.ts';
import { number } from '../../strings/strings.ts';
import type { AdminUser } from '../types.ts';
import { Heading } from '../ui/heading.tsx';
import { type List, ListState, More, useList } from '../ui/list.tsx';
import { useTypedQuery } from '../ui/typed-query.ts';
import { words } from '../words/words.ts';
import { type Selection, useSelection } from './use-selection.ts';
import { disableMany, sortForDisabling } from './user-actions.ts';
import { UsersTable } from './users-table.tsx';

/** Everybody who has an account. */
export function UsersPage() {
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
        <Heading title={words.value.users} />
        <a class="button primary" href="/admin/users/new">
          {words.value.newUser}
        </a>
      </header>
      <Filters />
      <ListState list={list} empty={words.value.noUsers}>
        <p class="hint keys-hint">{words.value.keysHelp}</p>
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
        placeholder={words.value.searchUsers}
        aria-label={words.value.searchUsers}
        maxLength={50}
        value={text}
        onInput={(event) => type(event.currentTarget.value)}
      />
      <select
        aria-label={words.value.state}
        value={wanted.get('state') ?? ''}
        onChange={(event) => setQuery({ state: event.currentTarget.value })}
      >
        <option value="">{words.value.anyState}</option>
        <option value="active">{words.value.active}</option>
        <option value="disabled">{words.value.disabled}</option>
      </select>
      <select
        aria-label={words.value.role}
        value={wanted.get('role') ?? ''}
        onChange={(event) => setQuery({ role: event.currentTarget.value })}
      >
        <option value="">{words.value.anyRole}</option>
        <option value="staff">{words.value.staff}</option>
        <option value="superuser">{words.value.superuser}</option>
      </select>
    </search>
  );
}

/** What can be done to those who are selected; at the foot, in sight of wherever they stand. */
function Actions({ list, selection }: { list: List<AdminUser>; selection: Selection }) {
  // Who is not shown is not among those that something is done to.
  const chosen = (list.items ?? []).filter(({ id }) => selection.ids.has(id));
  const count = chosen.length;
  if (count === 0) return null;
  const able = sortForDisabling(chosen).able.length;
  const disable = async () => {
    if (!(await disableMany(chosen))) return;
    selection.set([]);
    list.reload();
  };
  return (
    <div class="selection-bar" role="toolbar" aria-label={words.value.selected(number(count))}>
      <strong>{words.value.selected(number(count))}</strong>
      <button
        type="button"
        onClick={() => go(`/admin/credits?to=${chosen.map(({ id }) => id).join(',')}`)}
      >
        {words.value.giveTo(number(count))}
      </button>
      <button type="button" onClick={() => void disable()}>
        {able === 0 ? words.value.disable : words.value.disableMany(able)}
      </button>
      <button type="button" class="quiet" onClick={() => selection.set([])}>
        {words.value.clear}
      </button>
    </div>
  );
}
