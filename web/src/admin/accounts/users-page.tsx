import { useEffect } from 'preact/hooks';
import { download } from '../../api/download.ts';
import { go, query, setQuery } from '../../state/router.ts';
import { number } from '../../strings/strings.ts';
import type { AdminUser } from '../types.ts';
import { useTypedQuery } from '../ui/filters.tsx';
import { HeadMenu } from '../ui/head-menu.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, LoadMore, type PagedResource, usePages } from '../ui/resource.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { type Selection, useSelection } from './selection.ts';
import { disableMany, selectionForDisabling } from './user-actions.ts';
import { UsersTable } from './users-table.tsx';

/** All users, with search, filters and actions on a selection. */
export function UsersPage() {
  const address = `/api/admin/users/?${query.value}`;
  const pages = usePages<AdminUser>(address, 'users');
  const csv = () => download(`/api/admin/users/?${csvQuery(query.value)}`, 'users.csv');
  const selection = useSelection((pages.data ?? []).map(({ id }) => id));
  // Nothing must be done to users who are no longer shown.
  useEffect(() => selection.set([]), [address]);
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.users} />
        <button type="button" class="quiet spare" onClick={() => void runAction(csv)}>
          {words.value.downloadCsv}
        </button>
        <a class="button quiet spare" href="/admin/users/import">
          {words.value.importUsers}
        </a>
        <a class="button primary" href="/admin/users/new">
          {words.value.newUser}
        </a>
        <HeadMenu
          items={[
            { label: words.value.importUsers, icon: 'person', href: '/admin/users/import' },
            {
              label: words.value.downloadCsv,
              icon: 'download',
              onSelect: () => void runAction(csv),
            },
          ]}
        />
      </header>
      <Filters />
      <Loaded resource={pages} empty={words.value.noUsers}>
        {(users) => (
          <>
            <p class="hint keys-hint">{words.value.keyboardHint}</p>
            <UsersTable users={users} selection={selection} onChange={pages.reload} />
            <LoadMore pages={pages} />
          </>
        )}
      </Loaded>
      <SelectionBar pages={pages} selection={selection} />
    </>
  );
}

/** All that is listed, as a file. */
function csvQuery(shown: URLSearchParams): URLSearchParams {
  const wanted = new URLSearchParams(shown);
  wanted.set('format', 'csv');
  return wanted;
}

function Filters() {
  const { value: address } = query;
  const { text, setText } = useTypedQuery('q');
  return (
    <search class="filters">
      <input
        type="search"
        placeholder={words.value.searchUsers}
        aria-label={words.value.searchUsers}
        maxLength={50}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <select
        aria-label={words.value.state}
        value={address.get('state') ?? ''}
        onChange={(event) => setQuery({ state: event.currentTarget.value })}
      >
        <option value="">{words.value.anyState}</option>
        <option value="active">{words.value.active}</option>
        <option value="disabled">{words.value.disabled}</option>
      </select>
      <select
        aria-label={words.value.role}
        value={address.get('role') ?? ''}
        onChange={(event) => setQuery({ role: event.currentTarget.value })}
      >
        <option value="">{words.value.anyRole}</option>
        <option value="staff">{words.value.staff}</option>
        <option value="superuser">{words.value.superuser}</option>
      </select>
    </search>
  );
}

/** Actions on the selected users; fixed at the bottom, so that it is always in view. */
function SelectionBar(props: { pages: PagedResource<AdminUser>; selection: Selection }) {
  const { pages, selection } = props;
  const selected = (pages.data ?? []).filter(({ id }) => selection.ids.has(id));
  const count = selected.length;
  if (count === 0) return null;
  const able = selectionForDisabling(selected).able.length;
  const disable = async () => {
    if (!(await disableMany(selected))) return;
    selection.set([]);
    pages.reload();
  };
  return (
    <div class="selection-bar" role="toolbar" aria-label={words.value.selected(number(count))}>
      <strong>{words.value.selected(number(count))}</strong>
      <button
        type="button"
        onClick={() => go(`/admin/credits?to=${selected.map(({ id }) => id).join(',')}`)}
      >
        {words.value.addTokensTo(number(count))}
      </button>
      <button
        type="button"
        onClick={() => go(`/admin/plans/give?to=${selected.map(({ id }) => id).join(',')}`)}
      >
        {words.value.givePlan}
      </button>
      <button type="button" onClick={() => void disable()}>
        {able === 0 ? words.value.disable : words.value.disableMany(able)}
      </button>
      <button type="button" class="quiet" onClick={() => selection.set([])}>
        {words.value.clearSelection}
      </button>
    </div>
  );
}
