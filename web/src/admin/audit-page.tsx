import type { ComponentChildren } from 'preact';
import { query, setQuery } from '../state/router.ts';
import { time } from '../strings/strings.ts';
import { attempt, download, ListState, More, useList } from './list.tsx';
import { Heads, TableFrame } from './tables.tsx';
import type { Entry } from './types.ts';
import { words } from './words.ts';

const ACTIONS = [
  ...['user.create', 'user.change', 'user.delete', 'user.password', 'user.password_link'],
  ...['user.end_sessions', 'user.end_key', 'credits.grant', 'credits.refund', 'chats.read'],
  ...['audit.export', 'setup.link', 'setup.superuser', 'import.django'],
] as const;

/** What staff and the command line did. */
export function AuditPage() {
  const { value: wanted } = query;
  const address = `/api/admin/audit/?${wanted}`;
  const list = useList<Entry>(address, 'entries');
  const csv = () => download(`${address}&format=csv`, 'audit-log.csv');
  return (
    <>
      <header class="place-head">
        <h1>{words.audit}</h1>
      </header>
      <search class="filters">
        <select
          aria-label={words.action}
          value={wanted.get('action') ?? ''}
          onChange={(event) => setQuery({ action: event.currentTarget.value })}
        >
          <option value="">{words.anyAction}</option>
          {ACTIONS.map((it) => (
            <option key={it}>{it}</option>
          ))}
        </select>
        <Field name="q" label={words.reason} />
        <Field name="actor" label={words.byWhom} />
        <Field name="target" label={words.toWhom} />
        <button type="button" class="quiet" onClick={() => void attempt(csv)}>
          {words.csv}
        </button>
      </search>
      <ListState list={list} empty={words.noEntries}>
        <TableFrame name={words.audit}>
          <table class="data">
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
                <tr key={it.id}>
                  <td>{time(it.at)}</td>
                  <td>
                    <Named id={it.actor} name={it.actor_name} />
                  </td>
                  <td>{it.action}</td>
                  <td>
                    <Named id={it.target} name={it.target_name} />
                  </td>
                  <td class="said">{it.reason}</td>
                  <td class="said">{changeOf(it)}</td>
                  <td>{it.address}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      </ListState>
      <More list={list} />
    </>
  );
}

function Field({ name, label }: { name: string; label: string }) {
  return (
    <input
      aria-label={label}
      placeholder={label}
      value={query.value.get(name) ?? ''}
      onChange={(event) => setQuery({ [name]: event.currentTarget.value.trim() })}
    />
  );
}

function Named({ id, name }: { id: string; name: string | null }): ComponentChildren {
  const [, userId] = /^user:(\d+)$/.exec(id) ?? [];
  if (userId === undefined) return id;
  return name === null ? id : <a href={`/admin/users/${userId}`}>{name}</a>;
}

/** What is different after it. */
function changeOf({ before, after }: Entry): string {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  // Which transfer it was is for programs and for the file.
  return names
    .map((name) => ({ name, old: before?.[name] ?? null, now: after?.[name] ?? null }))
    .filter(({ name, old, now }) => name !== 'transfer' && old !== now)
    .map(({ name, old, now }) => `${name}: ${old === null ? '' : `${old} → `}${now ?? '–'}`)
    .join(', ');
}
