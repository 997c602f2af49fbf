import { useEffect, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { planText } from '../../strings/plan-text.ts';
import { strings, weekdayName } from '../../strings/strings.ts';
import type { PlanOutcome } from '../types.ts';
import { words } from '../words/words.ts';
import {
  NEW_TERM,
  NEW_WINDOW,
  type PeriodKind,
  type PlanDraft,
  planIn,
  type WindowDraft,
} from './plan-draft.ts';

const KINDS: readonly PeriodKind[] = ['day', 'week', 'month', 'term'];
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];
const NUMBER = '\\d{1,15}';
const TYPING_PAUSE_MS = 300;

interface FormProps {
  readonly draft: PlanDraft;
  readonly onChange: (draft: PlanDraft) => void;
}

/** The fields of a plan, and what it comes to in one sentence. */
export function PlanFields({ draft, onChange }: FormProps) {
  const set = (change: Partial<PlanDraft>) => onChange({ ...draft, ...change });
  const text = words.value;
  return (
    <>
      <label>
        {text.planName}
        <input
          required
          maxLength={60}
          autoComplete="off"
          value={draft.name}
          onInput={(event) => set({ name: event.currentTarget.value })}
        />
      </label>
      <label>
        {text.tokensEach}
        <input
          required
          inputMode="numeric"
          pattern={NUMBER}
          title={text.wholeNumber}
          value={draft.tokens}
          onInput={(event) => set({ tokens: event.currentTarget.value })}
        />
      </label>
      <PeriodFields draft={draft} onChange={onChange} />
      <Sentence draft={draft} />
      <details
        open={draft.windows.length > 0 || draft.models + draft.requests + draft.usage !== ''}
      >
        <summary>{text.planLimits}</summary>
        <WindowFields draft={draft} onChange={onChange} />
        <label>
          {text.planModels}
          <input
            value={draft.models}
            autoComplete="off"
            onInput={(event) => set({ models: event.currentTarget.value })}
          />
        </label>
        <label>
          {text.requestsPerMinute}
          <input
            inputMode="numeric"
            pattern={NUMBER}
            value={draft.requests}
            onInput={(event) => set({ requests: event.currentTarget.value })}
          />
        </label>
        <label>
          {text.usagePerMinute}
          <input
            inputMode="numeric"
            pattern={NUMBER}
            value={draft.usage}
            onInput={(event) => set({ usage: event.currentTarget.value })}
          />
        </label>
      </details>
    </>
  );
}

function PeriodFields({ draft, onChange }: FormProps) {
  const set = (change: Partial<PlanDraft>) => onChange({ ...draft, ...change });
  const text = words.value;
  return (
    <>
      <label>
        {text.renewsEvery}
        <select
          value={draft.kind}
          onChange={(event) => set({ kind: event.currentTarget.value as PeriodKind })}
        >
          {KINDS.map((it) => (
            <option key={it} value={it}>
              {text.periodKinds[it]}
            </option>
          ))}
        </select>
      </label>
      {draft.kind === 'week' && (
        <label>
          {text.onWeekday}
          <select
            value={draft.weekday}
            onChange={(event) => set({ weekday: event.currentTarget.value })}
          >
            {WEEKDAYS.map((it) => (
              <option key={it} value={it}>
                {weekdayName(it)}
              </option>
            ))}
          </select>
        </label>
      )}
      {draft.kind === 'month' && (
        <label>
          {text.onDayOfMonth}
          <input
            type="number"
            min={1}
            max={31}
            required
            value={draft.day}
            onInput={(event) => set({ day: event.currentTarget.value })}
          />
        </label>
      )}
      {draft.kind === 'term' && <TermFields draft={draft} onChange={onChange} />}
      <label>
        {text.timeZone}
        <input
          list="time-zones"
          required
          maxLength={60}
          value={draft.timeZone}
          onInput={(event) => set({ timeZone: event.currentTarget.value })}
        />
        <datalist id="time-zones">
          {Intl.supportedValuesOf('timeZone').map((it) => (
            <option key={it} value={it} />
          ))}
        </datalist>
      </label>
    </>
  );
}

function TermFields({ draft, onChange }: FormProps) {
  const { terms } = draft;
  const text = words.value;
  const set = (index: number, change: Partial<(typeof terms)[number]>) =>
    onChange({
      ...draft,
      terms: terms.map((it, at) => (at === index ? { ...it, ...change } : it)),
    });
  return (
    <fieldset>
      <legend>{text.terms}</legend>
      {terms.map((it, index) => (
        <div class="row" key={index}>
          <label>
            {text.firstDay}
            <input
              type="date"
              required
              value={it.first}
              onInput={(event) => set(index, { first: event.currentTarget.value })}
            />
          </label>
          <label>
            {text.lastDay}
            <input
              type="date"
              required
              min={it.first || undefined}
              value={it.last}
              onInput={(event) => set(index, { last: event.currentTarget.value })}
            />
          </label>
          {terms.length > 1 && (
            <button
              type="button"
              class="quiet"
              onClick={() => onChange({ ...draft, terms: terms.filter((_, at) => at !== index) })}
            >
              {text.removeOne}
            </button>
          )}
        </div>
      ))}
      <button type="button" onClick={() => onChange({ ...draft, terms: [...terms, NEW_TERM] })}>
        {text.addTerm}
      </button>
    </fieldset>
  );
}

function WindowFields({ draft, onChange }: FormProps) {
  const { windows } = draft;
  const text = words.value;
  const set = (index: number, change: Partial<WindowDraft>) =>
    onChange({
      ...draft,
      windows: windows.map((it, at) => (at === index ? { ...it, ...change } : it)),
    });
  return (
    <fieldset>
      <legend>{text.planWindows}</legend>
      {windows.map((it, index) => (
        <div class="row" key={index}>
          <label>
            {text.atMost}
            <input
              required
              inputMode="numeric"
              pattern={NUMBER}
              value={it.tokens}
              onInput={(event) => set(index, { tokens: event.currentTarget.value })}
            />
          </label>
          <label>
            {text.within}
            <select
              value={it.every}
              onChange={(event) =>
                set(index, { every: event.currentTarget.value as WindowDraft['every'] })
              }
            >
              <option value="hours">{text.windowKinds.hours}</option>
              <option value="day">{text.windowKinds.day}</option>
              <option value="week">{text.windowKinds.week}</option>
              <option value="month">{text.windowKinds.month}</option>
            </select>
          </label>
          {it.every === 'hours' && (
            <label>
              {text.hours}
              <input
                type="number"
                min={1}
                max={8760}
                required
                value={it.hours}
                onInput={(event) => set(index, { hours: event.currentTarget.value })}
              />
            </label>
          )}
          <button
            type="button"
            class="quiet"
            onClick={() => onChange({ ...draft, windows: windows.filter((_, at) => at !== index) })}
          >
            {text.removeOne}
          </button>
        </div>
      ))}
      <button
        type="button"
        disabled={windows.length >= 8}
        onClick={() => onChange({ ...draft, windows: [...windows, NEW_WINDOW] })}
      >
        {text.addWindow}
      </button>
    </fieldset>
  );
}

/** What the plan comes to; the server knows when it renews. */
function Sentence({ draft }: { draft: PlanDraft }) {
  const [text, setText] = useState('');
  const { tokens, kind, weekday, day, terms, timeZone } = draft;
  const asked = JSON.stringify([tokens, kind, weekday, day, terms, timeZone]);
  useEffect(() => {
    if (!/^\d{1,15}$/.test(tokens) || Number(tokens) === 0) {
      setText('');
      return;
    }
    let isCancelled = false;
    const timer = setTimeout(async () => {
      // A name that nobody has taken, since only the calendar matters here.
      const name = `preview ${crypto.getRandomValues(new Uint32Array(2)).join('')}`;
      const plan = { name, tokens: Number(tokens), calendar: planIn(draft).calendar };
      const body = { ...plan, dry_run: true };
      const preview = await call<PlanOutcome>('POST', '/api/admin/plans/', body).catch(
        () => undefined,
      );
      if (isCancelled) return;
      setText(preview ? planText(preview.plan, preview.plan.next_renewal) : '');
    }, TYPING_PAUSE_MS);
    return () => {
      isCancelled = true;
      clearTimeout(timer);
    };
  }, [asked, strings.value]);
  return (
    <p class="plan-sentence" role="status">
      {text}
    </p>
  );
}

/** From when a change holds. */
export function FromChoice(props: {
  value: 'now' | 'renewal';
  onChange: (value: 'now' | 'renewal') => void;
}) {
  const { value, onChange } = props;
  return (
    <label>
      {words.value.takesEffect}
      <select
        value={value}
        onChange={(event) => onChange(event.currentTarget.value as 'now' | 'renewal')}
      >
        <option value="renewal">{words.value.fromRenewal}</option>
        <option value="now">{words.value.fromNow}</option>
      </select>
    </label>
  );
}
