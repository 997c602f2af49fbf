/** The row of filters over a page; its values are in the address. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { query, setQuery } from '../../state/router.ts';
import { words } from '../words/words.ts';

/** Filters, behind a button where the screen is narrow. */
export function Filters(props: {
  /** How many of them are set. */
  set: number;
  /** What stays there when they are folded. */
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <search class={isOpen ? 'filter-row open' : 'filter-row'}>
      <button
        type="button"
        class="fold"
        aria-expanded={isOpen}
        aria-controls="filter-fields"
        onClick={() => setOpen(!isOpen)}
      >
        {words.value.filter(props.set)}
      </button>
      <div class="filter-fields" id="filter-fields">
        {props.children}
      </div>
      {props.actions}
    </search>
  );
}

/** A filter with its label over it. */
export function Labelled(props: { name: string; label: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={`filter-${props.name}`}>{props.label}</label>
      {props.children}
    </div>
  );
}

/** A text that is looked for when it is written. */
export function TextFilter({ name, label }: { name: string; label: string }) {
  return (
    <Labelled name={name} label={label}>
      <input
        id={`filter-${name}`}
        value={query.value.get(name) ?? ''}
        onChange={(event) => setQuery({ [name]: event.currentTarget.value.trim() })}
      />
    </Labelled>
  );
}

/** One of some values, or `any` of them. */
export function ChoiceFilter(props: {
  name: string;
  label: string;
  /** What the empty value means; without it there is none. */
  any?: string;
  /** What is chosen if the address does not say. */
  usual?: string;
  choices: readonly (readonly [value: string, label: string])[];
}) {
  const { name, label, any, usual = '', choices } = props;
  return (
    <Labelled name={name} label={label}>
      <select
        id={`filter-${name}`}
        value={query.value.get(name) ?? usual}
        onChange={(event) => setQuery({ [name]: event.currentTarget.value })}
      >
        {any !== undefined && <option value="">{any}</option>}
        {choices.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

/** A first day and a last one. */
export function DayFilters() {
  const from = query.value.get('from') ?? '';
  const to = query.value.get('to') ?? '';
  return (
    <>
      <Day name="from" label={words.value.fromDay} most={to} />
      <Day name="to" label={words.value.untilDay} least={from} />
      {(from !== '' || to !== '') && (
        <button type="button" class="quiet" onClick={() => setQuery({ from: '', to: '' })}>
          {words.value.anyDays}
        </button>
      )}
    </>
  );
}

function Day(props: { name: string; label: string; least?: string; most?: string }) {
  const { name, label, least, most } = props;
  return (
    <Labelled name={name} label={label}>
      <input
        id={`filter-${name}`}
        type="date"
        min={least || undefined}
        max={most || undefined}
        value={query.value.get(name) ?? ''}
        onChange={({ currentTarget: { value } }) => {
          // While a year is typed it is 2, 20 and 202, which nobody means.
          if (value === '' || value >= '1000') setQuery({ [name]: value });
        }}
      />
    </Labelled>
  );
}

/**
 * The days in the address as moments, the last day to its end.
 * @param zone `Z` for days in UTC, nothing for days as they are where the reader is
 */
export function momentsIn(wanted: URLSearchParams, zone: 'Z' | ''): Record<string, string> {
  const momentOf = (name: string, time: string) => {
    const day = wanted.get(name);
    if (!day) return {};
    const moment = new Date(`${day}T${time}${zone}`);
    // What is no day is for the server to refuse, in words.
    return { [name]: Number.isNaN(moment.getTime()) ? day : moment.toISOString() };
  };
  return { ...momentOf('from', '00:00:00'), ...momentOf('to', '23:59:59.999') };
}
