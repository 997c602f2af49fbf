import type { ComponentChildren } from 'preact';
import { query } from '../state/router.ts';
import { number, signed, time } from '../strings/strings.ts';
import { ChoiceFilter, DayFilters, Filters, momentsIn, TextFilter } from './filters.tsx';
import { attempt, download, ListState, More, useList } from './list.tsx';
import { Heads, TableFrame } from './tables.tsx';
import type { AuditAction, Entry } from './types.ts';
import { words } from './words.ts';

const ACTIONS = Object.entries(words.auditActions);
const FILTERS = ['action', 'q', 'actor', 'target', 'from', 'to'] as const;

/** What staff and the command line did. */
export function AuditPage() {
  const { value: wanted } = query;
  const set = FILTERS.filter((name) => wanted.has(name));
  const asked = new URLSearchParams({
    ...Object.fromEntries(set.map((name) => [name, wanted.get(name) ?? ''])),
    // The times in the list are those of the reader's clock, and so are the days.
    ...momentsIn(wanted, ''),
  });
  const address = `/api/admin/audit/?${asked}`;
  const csv = () => download(`${address}&format=csv`, 'audit-log.csv');
  return (
    <>
      <header class="place-head">
        <h1>{words.audit}</h1>
        <button type="button" class="quiet" onClick={() => void attempt(csv)}>
          {words.csv}
        </button>
      </header>
      <Filters set={set.length}>
        <ChoiceFilter
          {...{ name: 'action', label: words.action, any: words.anyAction }}
          choices={ACTIONS}
        />
        <TextFilter name="q" label={words.reasonHas} />
        <TextFilter name="actor" label={words.byWhom} />
        <TextFilter name="target" label={words.toWhom} />
        <DayFilters />
      </Filters>
      <Entries key={address} address={address} />
    </>
  );
}

/** Begins anew with another address: old entries must not stand under new filters. */
function Entries({ address }: { address: string }) {
  const list = useList<Entry>(address, 'entries');
  return (
    <>
      <ListState list={list} empty={words.noEntries}>
        <TableFrame name={words.audit}>
          <table class="data log">
            <thead>
              <tr>
                <Heads
                  names={[
                    ...[words.when, words.actor, words.action, words.target],
                    ...[words.reason, words.change, words.address],
                  ]}
                />
              </tr>
            </thead>
            <tbody>
              {list.items?.map((it) => (
                <EntryRow key={it.id} entry={it} />
              ))}
            </tbody>
          </table>
        </TableFrame>
      </ListState>
      <More list={list} />
    </>
  );
}

function EntryRow({ entry: it }: { entry: Entry }) {
  return (
    <tr>
      <td class="log-when">{time(it.at)}</td>
      <td class="log-actor" data-name={words.doneBy}>
        <Named id={it.actor} name={it.actor_name} />
      </td>
      <td class="log-action" title={it.action}>
        {actionText(it.action)}
      </td>
      <td class="log-target" data-name={words.target}>
        <Named id={it.target} name={it.target_name} />
      </td>
      <td class="said" data-name={words.reason}>
        {it.reason}
      </td>
      <td class="said" data-name={words.change}>
        {changeOf(it)}
      </td>
      <td class="log-address" data-name={words.from}>
        {it.address}
      </td>
    </tr>
  );
}

function actionText(action: string): string {
  return words.auditActions[action as AuditAction] ?? action;
}

/** Ids of charges end in chance, and begin with the time, which is the same for many. */
const TAIL = 8;

/** Who or what it is, by name where there is one. */
function Named({ id, name }: { id: string; name: string | null }): ComponentChildren {
  const [, kind = '', rest = ''] = /^(\w+):(.*)$/.exec(id) ?? [];
  if (kind === 'user' && name !== null) return <a href={`/admin/users/${rest}`}>{name}</a>;
  if (kind === 'charge') return <span title={id}>{words.charge(rest.slice(-TAIL))}</span>;
  return words.targets[id as keyof typeof words.targets] ?? id;
}

type Fact = NonNullable<Entry['after']>[string];

/** What is different after it. */
function changeOf({ action, before, after }: Entry): string {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const isBooking = action.startsWith('credits.');
  const said = (name: string, fact: Fact) => {
    if (fact === null || fact === undefined) return words.none;
    if (typeof fact === 'boolean') return fact ? words.yes : words.no;
    if (typeof fact === 'number') return isBooking ? signed(fact) : number(fact);
    return name === 'action' ? actionText(String(fact)) : String(fact);
  };
  return (
    names
      .map((name) => ({ name, old: before?.[name] ?? null, now: after?.[name] ?? null }))
      // Which transfer it was is for programs and for the file.
      .filter(({ name, old, now }) => name !== 'transfer' && old !== now)
      // Of what is made, or asked for, what it has is told, and not all that it could have.
      .filter(({ now }) => before !== null || (now !== null && now !== false))
      .map(({ name, old, now }) => {
        const label = words.facts[name as keyof typeof words.facts] ?? name;
        if (before === null || after === null) return `${label}: ${said(name, now ?? old)}`;
        return `${label}: ${said(name, old)} → ${said(name, now)}`;
      })
      .join(', ')
  );
}
