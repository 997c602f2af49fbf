import type { ComponentChildren } from 'preact';
import { download } from '../../api/download.ts';
import { query } from '../../state/router.ts';
import { number, signed, time } from '../../strings/strings.ts';
import type { AuditAction, Entry } from '../types.ts';
import { ChoiceFilter, DayFilters, Filters, momentsIn, TextFilter } from '../ui/filters.tsx';
import { Heading } from '../ui/heading.tsx';
import { attempt, ListState, More, useList } from '../ui/list.tsx';
import { Heads, TableFrame } from '../ui/tables.tsx';
import type { Words } from '../words/en.ts';
import { words } from '../words/words.ts';

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
        <Heading title={words.value.audit} />
        <button type="button" class="quiet" onClick={() => void attempt(csv)}>
          {words.value.csv}
        </button>
      </header>
      <Filters set={set.length}>
        <ChoiceFilter
          name="action"
          label={words.value.action}
          any={words.value.anyAction}
          choices={Object.entries(words.value.auditActions)}
        />
        <TextFilter name="q" label={words.value.reasonHas} />
        <TextFilter name="actor" label={words.value.byWhom} />
        <TextFilter name="target" label={words.value.toWhom} />
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
      <ListState list={list} empty={words.value.noEntries}>
        <TableFrame name={words.value.audit}>
          <table class="data log">
            <thead>
              <tr>
                <Heads
                  names={[
                    ...[
                      words.value.when,
                      words.value.actor,
                      words.value.action,
                      words.value.target,
                    ],
                    ...[words.value.reason, words.value.change, words.value.address],
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
      <td class="log-actor" data-name={words.value.doneBy}>
        <Named id={it.actor} name={it.actor_name} />
      </td>
      <td class="log-action" title={it.action}>
        {actionText(it.action)}
      </td>
      <td class="log-target" data-name={words.value.target}>
        <Named id={it.target} name={it.target_name} />
      </td>
      <td class="said" data-name={words.value.reason}>
        {it.reason}
      </td>
      <td class="said" data-name={words.value.change}>
        {changeOf(it)}
      </td>
      <td class="log-address" data-name={words.value.from}>
        {it.address}
      </td>
    </tr>
  );
}

function actionText(action: string): string {
  return words.value.auditActions[action as AuditAction] ?? action;
}

/** Ids of charges end in chance, and begin with the time, which is the same for many. */
const TAIL = 8;

/** Who or what it is, by name where there is one. */
function Named({ id, name }: { id: string; name: string | null }): ComponentChildren {
  const [, kind = '', rest = ''] = /^(\w+):(.*)$/.exec(id) ?? [];
  if (kind === 'user' && name !== null) return <a href={`/admin/users/${rest}`}>{name}</a>;
  if (kind === 'charge') return <span title={id}>{words.value.charge(rest.slice(-TAIL))}</span>;
  return words.value.targets[id as keyof Words['targets']] ?? id;
}

type Fact = NonNullable<Entry['after']>[string];

/** What is different after it. */
function changeOf({ action, before, after }: Entry): string {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const isBooking = action.startsWith('credits.');
  const said = (name: string, fact: Fact) => {
    if (fact === null || fact === undefined) return words.value.none;
    if (typeof fact === 'boolean') return fact ? words.value.yes : words.value.no;
    const isMoved = isBooking && name === 'tokens';
    if (typeof fact === 'number') return isMoved ? signed(fact) : number(fact);
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
        const label = words.value.facts[name as keyof Words['facts']] ?? name;
        const isChange = name in (before ?? {}) && name in (after ?? {});
        if (!isChange) return `${label}: ${said(name, now ?? old)}`;
        return `${label}: ${said(name, old)} → ${said(name, now)}`;
      })
      .join(', ')
  );
}
