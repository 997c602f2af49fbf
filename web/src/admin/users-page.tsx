import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import { go, query, setQuery } from '../state/router.ts';
import { number, time } from '../strings/strings.ts';
import { confirmed } from './confirm.tsx';
import { attempt, type List, ListState, More, useList } from './list.tsx';
import { type Selection, useSelection } from './selection.ts';
import { TableFrame } from './tables.tsx';
import type { AdminUser } from './types.ts';
import { words } from './words.ts';

const TYPING_PAUSE_MS = 200;
const COLUMNS = [
  ['name', words.name],
  ['balance', words.balance],
  ['joined', words.joined],
  ['last_seen', words.lastSeen],
] as const;

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
        <h1>{words.users}</h1>
        <a class="button primary" href="/admin/users/new">
          {words.newUser}
        </a>
      </header>
      <Filters />
      <Actions list={list} selection={selection} />
      <ListState list={list} empty={words.noUsers}>
        <Table users={list.items ?? []} selection={selection} />
        <More list={list} />
      </ListState>
    </>
  );
}

function Filters() {
  const wanted = query.value;
  const [text, setText] = useState(wanted.get('q') ?? '');
  useEffect(() => {
    // Each letter would be a question; the list waits for a pause.
    const timer = setTimeout(() => setQuery({ q: text.trim() }), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <search class="filters">
      <input
        type="search"
        placeholder={words.searchUsers}
        aria-label={words.searchUsers}
        maxLength={50}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
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

function Actions({ list, selection }: { list: List<AdminUser>; selection: Selection }) {
  const count = selection.ids.size;
  const chosen = (list.items ?? []).filter(({ id }) => selection.ids.has(id));
  if (count === 0) return <p class="hint">{words.keysHelp}</p>;
  const disable = async () => {
    const who = words.disableMany(number(chosen.length));
    const text = words.disableQuestion(words.manyUsers(chosen.length));
    const answer = await confirmed({ title: who, text, hasReason: 'optional' });
    if (!answer) return;
    const reason = answer.reason === '' ? {} : { reason: answer.reason };
    await attempt(async () => {
      for (const { id } of chosen) {
        await call('PATCH', `/api/admin/users/${id}/`, { is_active: false, ...reason });
      }
    }, words.disabled);
    selection.set([]);
    list.reload();
  };
  return (
    <div class="actions" role="toolbar" aria-label={words.selected(number(count))}>
      <strong>{words.selected(number(count))}</strong>
      <button type="button" onClick={() => go(`/admin/credits?to=${[...selection.ids].join(',')}`)}>
        {words.giveTo(number(count))}
      </button>
      <button type="button" onClick={() => void disable()}>
        {words.disableMany(number(count))}
      </button>
      <button type="button" class="quiet" onClick={() => selection.set([])}>
        {words.clear}
      </button>
    </div>
  );
}

function Table({ users, selection }: { users: readonly AdminUser[]; selection: Selection }) {
  const body = useRef<HTMLTableSectionElement>(null);
  const isAll = users.every(({ id }) => selection.ids.has(id));
  const move = (event: KeyboardEvent, user: AdminUser) => {
    const row = event.currentTarget as HTMLElement;
    const steps: Record<string, Element | null | undefined> = {
      ArrowDown: row.nextElementSibling,
      ArrowUp: row.previousElementSibling,
      Home: body.current?.firstElementChild,
      End: body.current?.lastElementChild,
    };
    if (event.key in steps) {
      event.preventDefault();
      const next = steps[event.key] as HTMLElement | null | undefined;
      next?.focus();
      if (event.shiftKey && next) selection.toggle(Number(next.dataset.id), true);
    }
    if (event.target !== row) return;
    if (event.key === ' ') {
      event.preventDefault();
      selection.toggle(user.id, event.shiftKey);
    }
    if (event.key === 'Enter') go(`/admin/users/${user.id}`);
  };
  return (
    <TableFrame name={words.users}>
      <table class="data">
        <thead>
          <tr>
            <th class="check">
              <input
                type="checkbox"
                aria-label={words.selectAll}
                checked={isAll}
                onChange={() => selection.set(isAll ? [] : users.map(({ id }) => id))}
              />
            </th>
            {COLUMNS.map(([column, label]) => (
              <Sorted key={column} column={column} label={label} />
            ))}
            <th>{words.state}</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {users.map((it, index) => (
            <tr
              key={it.id}
              data-id={it.id}
              // One row can be reached by Tab; from there the arrows lead on.
              tabIndex={index === 0 ? 0 : -1}
              aria-selected={selection.ids.has(it.id)}
              onKeyDown={(event) => move(event, it)}
            >
              <Row user={it} selection={selection} />
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Row({ user, selection }: { user: AdminUser; selection: Selection }) {
  return (
    <>
      <td class="check">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={words.select(user.username)}
          checked={selection.ids.has(user.id)}
          onClick={(event) => selection.toggle(user.id, event.shiftKey)}
        />
      </td>
      <td class="wide">
        <a href={`/admin/users/${user.id}`}>{user.username}</a>
      </td>
      <td class="number">{number(user.tokens)}</td>
      <td>{time(user.date_joined)}</td>
      <td>{user.last_seen === null ? words.never : time(user.last_seen)}</td>
      <td>
        <Chips user={user} />
      </td>
    </>
  );
}

/** What a user is, in a word or two. */
export function Chips({ user }: { user: AdminUser }) {
  return (
    <>
      {!user.is_active && <span class="chip off">{words.disabled}</span>}
      {user.is_superuser ? (
        <span class="chip">{words.superuser}</span>
      ) : (
        user.is_staff && <span class="chip">{words.staff}</span>
      )}
    </>
  );
}

function sortNow(): string {
  return query.value.get('sort') ?? '-joined';
}

function Sorted({ column, label }: { column: (typeof COLUMNS)[number][0]; label: string }) {
  // Who is searched for by name is listed by name.
  const isSearch = (query.value.get('q') ?? '') !== '';
  const sort = isSearch ? 'name' : sortNow();
  const isUp = sort === column;
  const isDown = sort === `-${column}`;
  // Looked up when it is clicked: a second click may come before the first is drawn.
  const turn = () => setQuery({ sort: sortNow() === `-${column}` ? column : `-${column}` });
  const direction = isUp ? 'ascending' : isDown ? 'descending' : 'none';
  return (
    <th class={column === 'balance' ? 'number' : undefined} aria-sort={direction}>
      <button type="button" class="quiet" disabled={isSearch} onClick={turn}>
        {label}
        <span aria-hidden="true">{isUp ? ' ↑' : isDown ? ' ↓' : ''}</span>
      </button>
    </th>
  );
}
