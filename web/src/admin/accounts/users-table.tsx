/** The table of users, operated by keyboard and mouse, with actions in each row. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { go, query, setQuery } from '../../state/router.ts';
import { number, strings, time } from '../../strings/strings.ts';
import type { AdminUser } from '../types.ts';
import { SelectBox } from '../ui/select-box.tsx';
import { TableFrame } from '../ui/tables.tsx';
import { words } from '../words/words.ts';
import type { Selection } from './selection.ts';
import { canChangeBalance, canDisable, loadUser, toggleActive } from './user-actions.ts';

/** The sortable columns, by the server's names, and the class of each. */
const COLUMNS = [
  ['name', 'wide'],
  ['balance', 'number'],
  ['joined', 'spare'],
  ['last_seen', 'spare'],
] as const;

type Column = (typeof COLUMNS)[number][0];

/** The rows can be walked through with the arrow keys. */
export function UsersTable(props: {
  users: readonly AdminUser[];
  selection: Selection;
  onChange: () => void;
}) {
  const { users, selection, onChange } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const [active, setActive] = useState<number>();
  const current = users.some(({ id }) => id === active) ? active : users[0]?.id;
  // Going back from a user returns the focus to their row.
  useEffect(
    () => rowOf(body.current, (history.state as { row?: number } | null)?.row)?.focus(),
    [],
  );
  return (
    <TableFrame name={words.value.users}>
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows are selected and
          navigated by keyboard, which is what ARIA calls a grid. */}
      <table class="data users" role="grid" aria-multiselectable="true">
        <thead>
          <tr>
            <th class="check">
              <SelectAll users={users} selection={selection} />
            </th>
            {COLUMNS.map(([column, kind]) => (
              <SortableHeading key={column} column={column} kind={kind} />
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
              // Tab reaches one row only; the arrow keys move between rows.
              tabIndex={it.id === current ? 0 : -1}
              aria-selected={selection.ids.has(it.id)}
              onFocusIn={() => setActive(it.id)}
              onKeyDown={(event) => handleKey(event, { users, selection, user: it })}
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

/** Remembers the row for the browser's back button. */
function rememberRow(user: AdminUser): void {
  history.replaceState({ row: user.id }, '');
}

function handleKey(
  event: KeyboardEvent,
  context: { users: readonly AdminUser[]; selection: Selection; user: AdminUser },
): void {
  const { users, selection, user } = context;
  const row = event.currentTarget as HTMLElement;
  const index = users.indexOf(user);
  const targets: Record<string, AdminUser | undefined> = {
    ArrowDown: users[index + 1],
    ArrowUp: users[index - 1],
    Home: users[0],
    End: users.at(-1),
  };
  if (event.key in targets) {
    event.preventDefault();
    const next = targets[event.key];
    rowOf(row.parentElement, next?.id)?.focus();
    if (event.shiftKey && next) selection.extendByStep({ from: user.id, to: next.id });
  }
  if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    selection.set(users.map(({ id }) => id));
  }
  // A key that is pressed on a button in the row belongs to the button.
  if (event.target !== row) return;
  if (event.key === 'Escape') selection.set([]);
  if (event.key === ' ') {
    event.preventDefault();
    if (event.shiftKey) selection.extendTo(user.id);
    else selection.toggle(user.id);
  }
  if (event.key === 'Enter') {
    rememberRow(user);
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
    <SelectBox
      boxRef={box}
      label={words.value.selectAll}
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
  const lastSeen = user.last_seen === null ? undefined : time(user.last_seen);
  return (
    <>
      <td class="check">
        <SelectBox
          tabIndex={-1}
          label={words.value.select(user.username)}
          checked={selection.ids.has(user.id)}
          onClick={(event) => {
            if (event.shiftKey) selection.extendTo(user.id);
            else selection.toggle(user.id);
          }}
        />
      </td>
      <td class="wide">
        <span class="user-name">
          <a href={`/admin/users/${user.id}`} tabIndex={-1} onClick={() => rememberRow(user)}>
            {user.username}
          </a>
          <UserFlags user={user} />
        </span>
        <span class="beneath">
          {lastSeen === undefined ? words.value.neverSeen : words.value.lastSeenAt(lastSeen)}
        </span>
      </td>
      <td class="number">{number(user.tokens)}</td>
      <td class="spare">{time(user.date_joined)}</td>
      <td class="spare">{lastSeen ?? words.value.never}</td>
      <td class="row-actions">
        <RowActions user={user} isCurrent={isCurrent} onChange={onChange} />
      </td>
    </>
  );
}

/** What is special about a user: disabled, staff or superuser. */
export function UserFlags({ user }: { user: AdminUser }) {
  return (
    <>
      {!user.is_active && <span class="chip off">{words.value.disabled}</span>}
      {user.is_superuser ? (
        <span class="chip">{words.value.superuser}</span>
      ) : (
        user.is_staff && <span class="chip">{words.value.staff}</span>
      )}
    </>
  );
}

function RowActions(props: { user: AdminUser; isCurrent: boolean; onChange: () => void }) {
  const { user, isCurrent, onChange } = props;
  const tabIndex = isCurrent ? 0 : -1;
  const toggle = async () => {
    const detail = await loadUser(user);
    if (detail && (await toggleActive(detail))) onChange();
  };
  return (
    <span>
      {canChangeBalance(user) && (
        <a
          href={`/admin/credits?to=${user.id}`}
          tabIndex={tabIndex}
          onClick={() => rememberRow(user)}
          aria-label={words.value.addTokensToUser(user.username)}
        >
          {words.value.addTokensShort}
        </a>
      )}
      {canDisable(user) && (
        <button
          type="button"
          class="quiet"
          tabIndex={tabIndex}
          aria-label={
            user.is_active
              ? words.value.disableUser(user.username)
              : words.value.enableUser(user.username)
          }
          onClick={() => void toggle()}
        >
          {user.is_active ? words.value.disable : words.value.enable}
        </button>
      )}
    </span>
  );
}

function currentSort(): string {
  return query.value.get('sort') ?? '-joined';
}

function columnLabel(column: Column): string {
  switch (column) {
    case 'name':
      return strings.value.username;
    case 'balance':
      return strings.value.balance;
    case 'joined':
      return words.value.joined;
    case 'last_seen':
      return words.value.lastSeen;
  }
}

function SortableHeading({ column, kind }: { column: Column; kind: string }) {
  // Search results are sorted by name.
  const isSearch = (query.value.get('q') ?? '') !== '';
  const sort = isSearch ? 'name' : currentSort();
  const isUp = sort === column;
  const isDown = sort === `-${column}`;
  // Read when clicked: a second click may come before the first is rendered.
  const toggle = () => setQuery({ sort: currentSort() === `-${column}` ? column : `-${column}` });
  const direction = isUp ? 'ascending' : isDown ? 'descending' : 'none';
  return (
    <th class={kind} aria-sort={direction}>
      <button type="button" class="quiet" disabled={isSearch} onClick={toggle}>
        {columnLabel(column)}
        {(isUp || isDown) && <span aria-hidden="true">{isUp ? '↑' : '↓'}</span>}
      </button>
    </th>
  );
}
