import { useRef, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { go, query, setQuery } from '../../state/router.ts';
import { number } from '../../strings/strings.ts';
import type { Group, GroupDetail, GroupsUsageReport, OwnGroups } from '../types.ts';
import { useTypedQuery } from '../ui/filters.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, LoadMore, usePages, useResource } from '../ui/resource.tsx';
import { TableFrame } from '../ui/tables.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { isStaff } from './place.ts';

/** All groups for staff, and for others those that they manage. */
export function GroupsPage() {
  return isStaff() ? <AllGroups /> : <ManagedGroups />;
}

function AllGroups() {
  const pages = usePages<Group>(`/api/admin/groups/?${query.value}`, 'groups');
  const { text, setText } = useTypedQuery('q');
  const [isMaking, setMaking] = useState(false);
  const { data: usage } = useResource<GroupsUsageReport>('/api/admin/usage/groups/');
  const used = new Map(usage?.groups.map(({ id, charged, refunded }) => [id, charged - refunded]));
  const csv = () => download('/api/admin/usage/groups/?format=csv', 'groups.csv');
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.groups} />
        <button type="button" class="quiet" onClick={() => void runAction(csv)}>
          {words.value.groupsUsageCsv}
        </button>
        <button
          type="button"
          class="primary"
          aria-expanded={isMaking}
          onClick={() => setMaking(!isMaking)}
        >
          {words.value.newGroup}
        </button>
      </header>
      {isMaking && <NewGroupForm />}
      <search class="filters">
        <input
          type="search"
          placeholder={words.value.searchGroups}
          aria-label={words.value.searchGroups}
          maxLength={100}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <select
          aria-label={words.value.groupState}
          value={query.value.get('state') ?? 'active'}
          onChange={(event) => setQuery({ state: event.currentTarget.value })}
        >
          <option value="active">{words.value.groupsActive}</option>
          <option value="ended">{words.value.groupsEnded}</option>
        </select>
      </search>
      <Loaded resource={pages} empty={words.value.noGroups}>
        {(groups) => (
          <>
            <GroupsTable
              groups={groups.map((it) => ({
                ...it,
                tokens: it.pool?.tokens,
                used: used.get(it.id) ?? 0,
                more: words.value.groupMemberCount(it.members),
              }))}
            />
            <LoadMore pages={pages} />
          </>
        )}
      </Loaded>
    </>
  );
}

function ManagedGroups() {
  const resource = useResource<OwnGroups>('/api/groups/');
  const managed = {
    ...resource,
    data: resource.data?.groups.filter((it) => it.is_manager),
  };
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.groups} />
      </header>
      <p class="hint">{words.value.groupsText}</p>
      <Loaded resource={managed} empty={words.value.noGroups}>
        {(groups) => (
          <GroupsTable
            groups={groups.map((it) => ({
              ...it,
              tokens: it.pool?.tokens,
              used: undefined,
              more: '',
            }))}
          />
        )}
      </Loaded>
    </>
  );
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly tokens: number | undefined;
  readonly used: number | undefined;
  readonly more: string;
}

function GroupsTable({ groups }: { groups: readonly Row[] }) {
  const hasUsage = groups.some(({ used }) => used !== undefined);
  return (
    <TableFrame name={words.value.groups}>
      <table class="data">
        <thead>
          <tr>
            <th class="wide">{words.value.groupName}</th>
            {hasUsage && <th class="number">{words.value.groupsUsed}</th>}
            <th class="number">{words.value.groupPool}</th>
          </tr>
        </thead>
        <tbody>
          {groups.map(({ id, name, tokens, used, more }) => (
            <tr key={id}>
              <td class="wide">
                <a href={`/admin/groups/${id}`}>{name}</a>{' '}
                {more !== '' && <span class="by">{more}</span>}
              </td>
              {hasUsage && <td class="number">{number(used ?? 0)}</td>}
              <td class="number">
                {tokens === undefined ? words.value.groupNoPool : number(tokens)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function NewGroupForm() {
  const [hasPool, setPool] = useState(true);
  const isSending = useRef(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isSending.current) return;
    isSending.current = true;
    const name = String(new FormData(event.currentTarget as HTMLFormElement).get('name'));
    await runAction(async () => {
      const body = { name, has_pool: hasPool };
      const made = await call<GroupDetail>('POST', '/api/admin/groups/', body);
      go(`/admin/groups/${made.group.id}`);
    });
    isSending.current = false;
  };
  return (
    <form class="stack new-group" onSubmit={(event) => void submit(event)}>
      <label>
        {words.value.groupName}
        <input name="name" required maxLength={100} autoComplete="off" />
      </label>
      <label class="check-label">
        <input
          type="checkbox"
          checked={hasPool}
          onChange={(event) => setPool(event.currentTarget.checked)}
        />
        {words.value.groupWithPool}
      </label>
      <button type="submit" class="primary">
        {words.value.groupCreate}
      </button>
    </form>
  );
}
