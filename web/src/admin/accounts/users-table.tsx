/** The table of users: its rows by keys and clicks, and what can be done to one of them. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { go, query, setQuery } from '../../state/router.ts';
import { number, time } from '../../strings/strings.ts';
import type { AdminUser } from '../types.ts';
import { Chips } from '../ui/chips.tsx';
import { TableFrame } from '../ui/tables.tsx';
import { words } from '../words/words.ts';
import type { Selection } from './use-selection.ts';
import { detailOf, mayBookFor, mayShutOut, turnActive } from './user-actions.ts';

/** By what the list can be sorted, the word over it, and how it stands. */
const COLUMNS = [
  ['name', 'name', 'wide'],
  ['balance', 'balance', 'number'],
  ['joined', 'joined', 'spare'],
  ['last_seen', 'lastSeen', 'spare'],
] as const;

/** Who is shown, in rows that the arrows lead through. */
export function UsersTable(props: {
  users: readonly AdminUser[];
  selection: Selection;
  onChange: () => void;
}) {
  const { users, selection, onChange } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const [active, setActive] = useState<number>();
  const current = users.some(({ id }) => id === active) ? active : users[0]?.id;
  // Who comes back from a user goes on where they left.
  useEffect(
    () => rowOf(body.current, (history.state as { row?: number } | null)?.row)?.focus(),
    [],
  );
  return (
    <TableFrame name={words.value.users}>
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows are selected and
          gone through by keys, which is what the standard calls a grid. */}
      <table class="data users" role="grid" aria-multiselectable="true">
        <thead>
          <tr>
            <th class="check">
              <SelectAll users={users} selection={selection} />
            </th>
            {COLUMNS.map(([column, word, kind]) => (
              <SortedHead key={column} column={column} label={words.value[word]} kind={kind} />
            ))}
            <th class="row-actions">
              <span class="offscreen">{words.value.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          {users.map((it) => (
            <tr
              key={it.id}
              data-id={it.id}
              // One row can be reached by Tab; from there the arrows lead on.
              tabIndex={it.id === current ? 0 : -1}
              aria-selected={selection.ids.has(it.id)}
              onFocusIn={() => setActive(it.id)}
              onKeyDown={(event) => pressed(event, { users, selection, user: it })}
            >
              <Row
                user={it}
                isCurrent={it.id === current}
                selection={selection}
                onChange={onChange}
              />
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function rowOf(body: HTMLElement | null, id: number | undefined): HTMLElement | null {
  return body?.querySelector<HTMLElement>(`[data-id="${id}"]`) ?? null;
}

/** Opens a user; the browser's back button leads to this row. */
function leaveFor(user: AdminUser): void {
  history.replaceState({ row: user.id }, '');
}

function pressed(
  event: KeyboardEvent,
  at: { users: readonly AdminUser[]; selection: Selection; user: AdminUser },
): void {
  const { users, selection, user } = at;
  const row = event.currentTarget as HTMLElement;
  const place = users.indexOf(user);
  const steps: Record<string, AdminUser | undefined> = {
    ArrowDown: users[place + 1],
    ArrowUp: users[place - 1],
    Home: users[0],
    End: users.at(-1),
  };
  if (event.key in steps) {
    event.preventDefault();
    const next = steps[event.key];
    rowOf(row.parentElement, next?.id)?.focus();
    if (event.shiftKey && next) selection.step({ from: user.id, to: next.id });
  }
  if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    selection.set(users.map(({ id }) => id));
  }
  // What is pressed on a button in the row is the button's.
  if (event.target !== row) return;
  if (event.key === 'Escape') selection.set([]);
  if (event.key === ' ') {
    event.preventDefault();
    if (event.shiftKey) selection.extendTo(user.id);
    else selection.toggle(user.id);
  }
  if (event.key === 'Enter') {
    leaveFor(user);
    go(`/admin/users/${user.id}`);
  }
}

function SelectAll({ users, selection }: { users: readonly AdminUser[]; selection: Selection }) {
  const box = useRef<HTMLInputElement>(null);
  const isAll = users.every(({ id }) => selection.ids.has(id));
  useEffect(() => {
    if (box.current) box.current.indeterminate = !isAll && selection.ids.size > 0;
  });
  return (
    <input
      ref={box}
      type="checkbox"
      aria-label={words.value.selectAll}
      checked={isAll}
      onChange={() => selection.set(isAll ? [] : users.map(({ id }) => id))}
    />
  );
}

function Row(props: {
  user: AdminUser;
  isCurrent: boolean;
  selection: Selection;
  onChange: () => void;
}) {
  const { user, isCurrent, selection, onChange } = props;
  const seen = user.last_seen === null ? words.value.never : time(user.last_seen);
  return (
    <>
      <td class="check">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={words.value.select(user.username)}
          checked={selection.ids.has(user.id)}
          onClick={(event) => {
            if (event.shiftKey) selection.extendTo(user.id);
            else selection.toggle(user.id);
          }}
        />
      </td>
      <td class="wide">
        <span class="user-name">
          <a href={`/admin/users/${user.id}`} tabIndex={-1} onClick={() => leaveFor(user)}>
            {user.username}
          </a>
          <Chips user={user} />
        </span>
        <span class="beneath">
          {user.last_seen === null ? words.value.neverSeen : words.value.seen(seen)}
        </span>
      </td>
      <td class="number">{number(user.tokens)}</td>
      <td class="spare">{time(user.date_joined)}</td>
      <td class="spare">{seen}</td>
      <td class="row-actions">
        <RowActions user={user} isCurrent={isCurrent} onChange={onChange} />
      </td>
    </>
  );
}

function RowActions(props: { user: AdminUser; isCurrent: boolean; onChange: () => void }) {
  const { user, isCurrent, onChange } = props;
  const tabIndex = isCurrent ? 0 : -1;
  const turn = async () => {
    const detail = await detailOf(user);
    if (detail && (await turnActive(detail))) onChange();
  };
  return (
    <span>
      {mayBookFor(user) && (
        <a
          href={`/admin/credits?to=${user.id}`}
          tabIndex={tabIndex}
          onClick={() => leaveFor(user)}
          aria-label={words.value.grantTo(user.username)}
        >
          {words.value.grantShort}
        </a>
      )}
      {mayShutOut(user) && (
        <button
          type="button"
          class="quiet"
          tabIndex={tabIndex}
          aria-label={
            user.is_active
              ? words.value.disableOne(user.username)
              : words.value.enableOne(user.username)
          }
          onClick={() => void turn()}
        >
          {user.is_active ? words.value.disable : words.value.enable}
        </button>
      )}
    </span>
  );
}

function sortNow(): string {
  return query.value.get('sort') ?? '-joined';
}

function SortedHead(props: { column: (typeof COLUMNS)[number][0]; label: string; kind: string }) {
  const { column, label, kind } = props;
  // Who is searched for by name is listed by name.
  const isSearch = (query.value.get('q') ?? '') !== '';
  const sort = isSearch ? 'name' : sortNow();
  const isUp = sort === column;
  const isDown = sort === `-${column}`;
  // Looked up when it is clicked: a second click may come before the first is drawn.
  const turn = () => setQuery({ sort: sortNow() === `-${column}` ? column : `-${column}` });
  const direction = isUp ? 'ascending' : isDown ? 'descending' : 'none';
  return (
    <th class={kind} aria-sort={direction}>
      <button type="button" class="quiet" disabled={isSearch} onClick={turn}>
        {label}
        {(isUp || isDown) && <span aria-hidden="true">{isUp ? '↑' : '↓'}</span>}
      </button>
    </th>
  );
}
