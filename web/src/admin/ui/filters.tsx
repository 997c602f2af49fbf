/** The filters above a list or charts; their values are in the address. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { query, setQuery } from '../../state/router.ts';
import { words } from '../words/words.ts';

/** Filters, folded behind a button on narrow screens. */
export function Filters(props: {
  /** How many of them are set. */
  set: number;
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
        {words.value.filters(props.set)}
      </button>
      <div class="filter-fields" id="filter-fields">
        {props.children}
      </div>
    </search>
  );
}

/** A field with its label above it. */
export function Labelled(props: { name: string; label: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={`filter-${props.name}`}>{props.label}</label>
      {props.children}
    </div>
  );
}

/** A text that is applied when the field is left or Enter is pressed. */
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

/** One of several values, or any. */
export function ChoiceFilter(props: {
  name: string;
  label: string;
  /** The label of the empty value; without it there is no empty value. */
  any?: string;
  /** The value when the address has none. */
  defaultValue?: string;
  choices: readonly (readonly [value: string, label: string])[];
}) {
  const { name, label, any, defaultValue = '', choices } = props;
  return (
    <Labelled name={name} label={label}>
      <select
        id={`filter-${name}`}
        value={query.value.get(name) ?? defaultValue}
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

/** A first and a last day. */
export function DayFilters() {
  const from = query.value.get('from') ?? '';
  const to = query.value.get('to') ?? '';
  return (
    <>
      <Day name="from" label={words.value.fromDay} max={to} />
      <Day name="to" label={words.value.toDay} min={from} />
      {(from !== '' || to !== '') && (
        <button type="button" class="quiet" onClick={() => setQuery({ from: '', to: '' })}>
          {words.value.clearDates}
        </button>
      )}
    </>
  );
}

/** A first day alone. */
export function FromDayFilter() {
  return <Day name="from" label={words.value.fromDay} />;
}

function Day(props: { name: string; label: string; min?: string; max?: string }) {
  const { name, label, min, max } = props;
  return (
    <Labelled name={name} label={label}>
      <input
        id={`filter-${name}`}
        type="date"
        min={min || undefined}
        max={max || undefined}
        value={query.value.get(name) ?? ''}
        onChange={({ currentTarget: { value } }) => {
          // A year that is being typed is 2, 20 and 202 on the way.
          if (value === '' || value >= '1000') setQuery({ [name]: value });
        }}
      />
    </Labelled>
  );
}

const TYPING_PAUSE_MS = 200;

/**
 * A text field whose value is part of the address. Typing changes the address after a pause, since
 * every change asks the server; other changes of the address replace the text.
 */
export function useTypedQuery(name: string): {
  readonly text: string;
  readonly setText: (text: string) => void;
} {
  const current = query.value.get(name) ?? '';
  /** What was typed, and the value in the address at that time. */
  const [typed, setTyped] = useState({ text: current, base: current });
  const isValid = typed.base === current;
  useEffect(() => {
    if (!isValid || typed.text.trim() === current) return;
    const timer = setTimeout(() => {
      const value = typed.text.trim();
      setTyped({ text: typed.text, base: value });
      setQuery({ [name]: value });
    }, TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, current]);
  return {
    text: isValid ? typed.text : current,
    setText: (text) => setTyped({ text, base: current }),
  };
}
