import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { query, setQuery } from '../../state/router.ts';
import { number, time } from '../../strings/strings.ts';
import type { Invitation, InvitationState, Invitations } from '../types.ts';
import { apiQuery } from '../ui/filter-query.ts';
import { useTypedQuery } from '../ui/filters.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, LoadMore, usePages } from '../ui/resource.tsx';
import { SelectBox } from '../ui/select-box.tsx';
import { TableFrame } from '../ui/tables.tsx';
import { runAction } from '../ui/toast.tsx';
import { words } from '../words/words.ts';
import { type AllFound, SelectionBar } from './selection-bar.tsx';

const ADDRESS = '/api/admin/invitations/';
const FILTERS = ['q', 'state', 'batch', 'group'] as const;
const STATES: readonly InvitationState[] = ['open', 'accepted', 'expired', 'ended'];

/** Who was invited, who has come and who has not. */
export function InvitationsPage() {
  const asked = apiQuery(query.value, FILTERS, '');
  const address = `${ADDRESS}?${asked}`;
  const [counts, setCounts] = useState<Invitations['counts']>(null);
  const pages = usePages<Invitation>(address, 'invitations', async (from, cursor) => {
    const more = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await call<Invitations>('GET', from + more);
    if (page.counts) setCounts(page.counts);
    return page;
  });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  // Nothing must be done to what is no longer shown.
  useEffect(() => setSelected(new Set()), [address]);
  const isFiltered = [...asked].length > 0;
  const csv = () => download(`${address}&format=csv`, 'invitations.csv');
  const places = apiQuery(query.value, ['batch', 'group'], '');
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.invitations} />
        {[...places].length > 0 && (counts?.open ?? 0) > 0 && (
          <a class="button quiet" href={`/admin/invitations/slips?${places}`}>
            {words.value.invitationPrint}
          </a>
        )}
        <button type="button" class="quiet" onClick={() => void runAction(csv)}>
          {words.value.downloadCsv}
        </button>
        <a class="button primary" href="/admin/invitations/new">
          {words.value.invitationNew}
        </a>
      </header>
      <p class="hint">{words.value.invitationsText}</p>
      <StateFilters counts={counts} />
      <Loaded
        resource={pages}
        empty={isFiltered ? words.value.invitationNoneFound : words.value.invitationNone}
      >
        {(invitations) => (
          <>
            <InvitationTable invitations={invitations} selected={selected} onSelect={setSelected} />
            <LoadMore pages={pages} />
            <SelectionBar
              key={address}
              selected={invitations.filter(({ id }) => selected.has(id))}
              found={isFiltered ? allFound(asked, counts) : undefined}
              onClear={() => setSelected(new Set())}
              onDone={() => {
                setSelected(new Set());
                pages.reload();
              }}
            />
          </>
        )}
      </Loaded>
    </>
  );
}

/** How many of those that the filters find somebody could still come by. */
function allFound(asked: URLSearchParams, counts: Invitations['counts']): AllFound | undefined {
  if (!counts) return undefined;
  const state = asked.get('state');
  const open = state === null || state === 'open' ? counts.open : 0;
  const expired = state === null || state === 'expired' ? counts.expired : 0;
  return { count: open + expired, filter: Object.fromEntries(asked) };
}

function StateFilters({ counts }: { counts: Invitations['counts'] }) {
  const { text, setText } = useTypedQuery('q');
  const { invitationStates } = words.value;
  const state = query.value.get('state') ?? '';
  return (
    <search class="filters">
      <input
        type="search"
        placeholder={words.value.invitationSearch}
        aria-label={words.value.invitationSearch}
        maxLength={100}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <select
        aria-label={words.value.invitationState}
        value={state}
        onChange={(event) => setQuery({ state: event.currentTarget.value })}
      >
        <option value="">{words.value.invitationAnyState}</option>
        {STATES.map((it) => (
          <option key={it} value={it}>
            {invitationStates[it]}
            {counts && ` (${number(counts[it])})`}
          </option>
        ))}
      </select>
      <Place name="group" />
      <Place name="batch" />
    </search>
  );
}

/** The list is of one group or one batch; a click shows all. */
function Place({ name }: { name: 'group' | 'batch' }) {
  if (!query.value.get(name)) return null;
  const label = words.value[name === 'group' ? 'invitationOfGroup' : 'invitationOfBatch'];
  return (
    <button type="button" class="quiet" onClick={() => setQuery({ [name]: '' })}>
      {label} ×
    </button>
  );
}

function InvitationTable(props: {
  invitations: readonly Invitation[];
  selected: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
}) {
  const { invitations, selected, onSelect } = props;
  const able = invitations.filter(isWaiting).map(({ id }) => id);
  const isAll = able.length > 0 && able.every((id) => selected.has(id));
  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect(next);
  };
  return (
    <TableFrame name={words.value.invitations}>
      <table class="data">
        <thead>
          <tr>
            <th class="check">
              <SelectBox
                label={words.value.invitationSelectAll}
                checked={isAll}
                disabled={able.length === 0}
                onChange={() => onSelect(new Set(isAll ? [] : able))}
              />
            </th>
            <th>{words.value.voucherName}</th>
            <th>{words.value.invitationState}</th>
            <th>{words.value.invitationGroups}</th>
            <th class="spare">{words.value.voucherGives}</th>
            <th class="spare">{words.value.invitationLast}</th>
            <th class="spare">{words.value.invitationUntil}</th>
          </tr>
        </thead>
        <tbody>
          {invitations.map((it) => (
            <Row
              key={it.id}
              invitation={it}
              isSelected={selected.has(it.id)}
              onToggle={() => toggle(it.id)}
            />
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Row(props: { invitation: Invitation; isSelected: boolean; onToggle: () => void }) {
  const { invitation, isSelected, onToggle } = props;
  const { name, username, email, groups, user, state, tokens, plan } = invitation;
  const beneath = [username === name ? null : username, email === name ? null : email];
  return (
    <tr aria-selected={isSelected}>
      <td class="check">
        {isWaiting(invitation) && (
          <SelectBox
            label={words.value.invitationSelect(name)}
            checked={isSelected}
            onChange={onToggle}
          />
        )}
      </td>
      <td class="wide">
        {user ? <a href={`/admin/users/${user.id}`}>{name}</a> : name}
        {beneath.map(
          (it) =>
            it !== null && (
              <span key={it} class="beneath-each">
                {it}
              </span>
            ),
        )}
      </td>
      <td>
        <span class={state === 'accepted' || state === 'open' ? 'chip' : 'chip off'}>
          {words.value.invitationStates[state]}
        </span>
        {user && (
          <span class="beneath-each">
            {user.username === username ? '' : `${user.username ?? words.value.deletedUser}, `}
            {invitation.accepted_at !== null && time(invitation.accepted_at)}
          </span>
        )}
      </td>
      <td>
        {groups.map(({ id, name: group }) => (
          <a key={id} class="beneath-each" href={`/admin/invitations?group=${id}`}>
            {group}
          </a>
        ))}
      </td>
      <td class="spare">{words.value.invitationGives(tokens, plan)}</td>
      <td class="spare">
        {time(invitation.last_invited_at)}
        <a class="beneath-each" href={`/admin/invitations?batch=${invitation.batch}`}>
          {words.value.invitationTogether}
        </a>
      </td>
      <td class="spare">{time(invitation.expires_at)}</td>
    </tr>
  );
}

function isWaiting({ state }: Invitation): boolean {
  return state === 'open' || state === 'expired';
}
