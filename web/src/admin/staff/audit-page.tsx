import type { ComponentChildren } from 'preact';
import { download } from '../../api/download.ts';
import { query } from '../../state/router.ts';
import { number, signed, strings, time } from '../../strings/strings.ts';
import type { AuditAction, Entry } from '../types.ts';
import { apiQuery, countSet } from '../ui/filter-query.ts';
import { ChoiceFilter, DayFilters, Filters, TextFilter } from '../ui/filters.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, LoadMore, usePages } from '../ui/resource.tsx';
import { Headings, TableFrame } from '../ui/tables.tsx';
import { runAction } from '../ui/toast.tsx';
import type { Words } from '../words/en.ts';
import { words } from '../words/words.ts';
import { renewalFact, windowFact, windowsFact } from './period-facts.ts';

const FILTERS = ['action', 'q', 'actor', 'target', 'from', 'to'] as const;

/** What staff and the command line have done. */
export function AuditPage() {
  // The list shows local times, so the days of the filter are local too.
  const address = `/api/admin/audit/?${apiQuery(query.value, FILTERS, '')}`;
  const csv = () => download(`${address}&format=csv`, 'audit-log.csv');
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.audit} />
        <button type="button" class="quiet" onClick={() => void runAction(csv)}>
          {words.value.downloadCsv}
        </button>
      </header>
      <Filters set={countSet(query.value, FILTERS)}>
        <ChoiceFilter
          name="action"
          label={words.value.action}
          any={words.value.anyAction}
          choices={Object.entries(words.value.auditActions)}
        />
        <TextFilter name="q" label={words.value.reasonContains} />
        <TextFilter name="actor" label={words.value.actorFilter} />
        <TextFilter name="target" label={words.value.targetFilter} />
        <DayFilters />
      </Filters>
      <Entries key={address} address={address} />
    </>
  );
}

/** Mounted anew for another address: old entries must not appear under new filters. */
function Entries({ address }: { address: string }) {
  const pages = usePages<Entry>(address, 'entries');
  return (
    <>
      <Loaded resource={pages} empty={words.value.noEntries}>
        {(entries) => (
          <TableFrame name={words.value.audit}>
            <table class="data log">
              <thead>
                <tr>
                  <Headings
                    names={[
                      strings.value.when,
                      words.value.actor,
                      words.value.action,
                      words.value.target,
                      words.value.reason,
                      words.value.change,
                      words.value.address,
                    ]}
                  />
                </tr>
              </thead>
              <tbody>
                {entries.map((it) => (
                  <EntryRow key={it.id} entry={it} />
                ))}
              </tbody>
            </table>
          </TableFrame>
        )}
      </Loaded>
      <LoadMore pages={pages} />
    </>
  );
}

function EntryRow({ entry: it }: { entry: Entry }) {
  return (
    <tr>
      <td class="log-when">{time(it.at)}</td>
      <td class="log-actor" data-name={words.value.actor}>
        <Name id={it.actor} name={it.actor_name} keyName={it.actor_key} />
      </td>
      <td class="log-action" title={it.action}>
        {actionText(it.action)}
      </td>
      <td class="log-target" data-name={words.value.target}>
        <Name id={it.target} name={it.target_name} />
      </td>
      <td class="long-text" data-name={words.value.reason}>
        {it.reason}
      </td>
      <td class="long-text" data-name={words.value.change}>
        {changeText(it)}
      </td>
      <td class="log-address" data-name={words.value.address}>
        {it.address}
      </td>
    </tr>
  );
}

function actionText(action: string): string {
  return words.value.auditActions[action as AuditAction] ?? action;
}

/** The ids of charges start with the time and end in random digits, which tell them apart. */
const SHOWN_ID_DIGITS = 8;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A person or thing, by name where it has one. */
function Name(props: {
  id: string;
  name: string | null;
  /** Of an admin key that acted. */
  keyName?: string | null;
}): ComponentChildren {
  const { id, name, keyName } = props;
  const [, kind = '', rest = ''] = /^(\w+):(.*)$/.exec(id) ?? [];
  if (kind === 'user' && name !== null) return <a href={`/admin/users/${rest}`}>{name}</a>;
  if (kind === 'key') {
    const key = words.value.withKey(keyName ?? name ?? rest.slice(-SHOWN_ID_DIGITS));
    return (
      <a href="/admin/adminkeys">
        {keyName == null ? key : `${name ?? words.value.deletedUser}, ${key}`}
      </a>
    );
  }
  if (kind === 'group') return <a href={`/admin/groups/${rest}`}>{name ?? rest}</a>;
  if (kind === 'charge')
    return <span title={id}>{words.value.charge(rest.slice(-SHOWN_ID_DIGITS))}</span>;
  if (kind === 'plan') return <a href={`/admin/plans/${rest}`}>{name ?? rest}</a>;
  const thing = words.value.things[kind as keyof Words['things']];
  if (thing !== undefined && UUID.test(rest)) {
    const text = words.value.thing(thing, rest.slice(-SHOWN_ID_DIGITS));
    if (kind !== 'voucher') return <span title={id}>{text}</span>;
    return (
      <a href={`/admin/vouchers/${rest}`} title={id}>
        {text}
      </a>
    );
  }
  return words.value.targets[id as keyof Words['targets']] ?? id;
}

/** Ids that are for programs and for the CSV file. */
const IDS: ReadonlySet<string> = new Set(['transfer', 'group', 'budget']);

type Fact = NonNullable<Entry['after']>[string];

/** Facts that the log keeps in a form of programs, in words. */
const FACT_TEXTS: Readonly<Record<string, (text: string) => string>> = {
  action: actionText,
  calendar: renewalFact,
  window: windowFact,
  windows: windowsFact,
  // Of a plan; of what was searched it is a moment.
  from: (text) => words.value.fromWhen[text as keyof Words['fromWhen']] ?? momentFact(text),
};

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** A moment by the reader's clock; other text stays as it is. */
function momentFact(text: string): string {
  return MOMENT.test(text) ? time(text) : text;
}

/** What the action changed. */
function changeText({ action, ...entry }: Entry): string {
  const [before, after] = [withPlanNamed(entry.before), withPlanNamed(entry.after)];
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const isTransaction = action.startsWith('credits.');
  const textOf = (name: string, fact: Fact) => {
    if (fact === null || fact === undefined) return words.value.none;
    if (typeof fact === 'boolean') return fact ? words.value.yes : words.value.no;
    const isDifference = isTransaction && name === 'tokens';
    if (typeof fact === 'number') return isDifference ? signed(fact) : number(fact);
    return (FACT_TEXTS[name] ?? momentFact)(String(fact));
  };
  return (
    names
      .map((name) => ({ name, old: before?.[name] ?? null, now: after?.[name] ?? null }))
      .filter(({ name, old, now }) => !IDS.has(name) && old !== now)
      // Without a state before, only what is set counts.
      .filter(({ now }) => before !== null || (now !== null && now !== false))
      .map(({ name, old, now }) => {
        const isWhen = name === 'from' && String(now ?? old) in words.value.fromWhen;
        const label = isWhen
          ? words.value.facts.takes_effect
          : (words.value.facts[name as keyof Words['facts']] ?? name);
        const isChange = name in (before ?? {}) && name in (after ?? {});
        if (!isChange) return `${label}: ${textOf(name, now ?? old)}`;
        return `${label}: ${textOf(name, old)} → ${textOf(name, now)}`;
      })
      .join(', ')
  );
}

/** Facts that name their plan as people do, where they name it by its id. */
function withPlanNamed(facts: Entry['before']): Entry['before'] {
  if (facts?.plan_name === undefined) return facts;
  const { plan_name: plan, ...others } = facts;
  return { ...others, plan };
}
