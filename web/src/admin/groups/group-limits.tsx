/** What each member may use of the pool. */
import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { GroupBudget } from '../types.ts';
import { confirmAction } from '../ui/confirm.tsx';
import { runAction } from '../ui/toast.tsx';
import type { LimitPeriod } from '../words/en/groups.ts';
import { words } from '../words/words.ts';

type Window = Pick<GroupBudget, 'hours' | 'calendar'>;

/** A limit with its period, such as `500 tokens a week`. */
export function limitText(tokens: number, { hours, calendar }: Window): string {
  const period: LimitPeriod = hours !== null ? 'hours' : (calendar?.kind ?? 'none');
  return words.value.groupLimitText(tokens, period, hours ?? 0);
}

/** The limits of a group, and a form for another one. */
export function GroupLimits(props: {
  budgets: readonly GroupBudget[];
  address: string;
  canAdd: boolean;
  onChange: () => void;
}) {
  const { budgets, address, canAdd, onChange } = props;
  return (
    <section class="page-section">
      <h2>{words.value.groupLimits}</h2>
      {budgets.length === 0 && <p class="hint">{words.value.groupNoLimits}</p>}
      <ul class="rows limits">
        {budgets.map((it) => (
          <Limit key={it.id} budget={it} address={address} onChange={onChange} />
        ))}
      </ul>
      {canAdd && <NewLimit address={address} onAdded={onChange} />}
    </section>
  );
}

function Limit(props: { budget: GroupBudget; address: string; onChange: () => void }) {
  const { budget, address, onChange } = props;
  const [isChanging, setChanging] = useState(false);
  const path = `${address}budgets/${budget.id}/`;
  const text = limitText(budget.limit, budget);
  const change = async (event: Event) => {
    event.preventDefault();
    const limit = Number(new FormData(event.currentTarget as HTMLFormElement).get('limit'));
    if (!(await runAction(() => call('PATCH', path, { limit }), words.value.groupSaved))) return;
    setChanging(false);
    onChange();
  };
  const end = async () => {
    const answer = await confirmAction({
      title: words.value.groupLimitEndTitle,
      sentences: [text, words.value.groupLimitEndText],
      label: words.value.groupLimitEnd,
      isDangerous: true,
    });
    if (answer && (await runAction(() => call('DELETE', path)))) onChange();
  };
  return (
    <li>
      <span class="row-main">{text}</span>
      {isChanging ? (
        <form class="row" onSubmit={(event) => void change(event)}>
          <TokensInput name="limit" value={String(budget.limit)} />
          <button type="submit">{words.value.groupSave}</button>
        </form>
      ) : (
        <>
          <button
            type="button"
            class="quiet"
            aria-label={`${words.value.groupLimitChange}: ${text}`}
            onClick={() => setChanging(true)}
          >
            {words.value.groupLimitChange}
          </button>
          <button
            type="button"
            class="quiet"
            aria-label={`${words.value.groupLimitEnd}: ${text}`}
            onClick={() => void end()}
          >
            {words.value.groupLimitEnd}
          </button>
        </>
      )}
    </li>
  );
}

function TokensInput({ name, value = '' }: { name: string; value?: string }) {
  return (
    <input
      name={name}
      required
      inputMode="numeric"
      pattern="\d{1,15}"
      title={words.value.wholeNumber}
      aria-label={words.value.groupLimitTokens}
      placeholder={words.value.groupLimitTokens}
      defaultValue={value}
      autoComplete="off"
    />
  );
}

const PERIODS = ['none', 'hours', 'day', 'week', 'month'] as const;
type Period = (typeof PERIODS)[number];

function NewLimit({ address, onAdded }: { address: string; onAdded: () => void }) {
  const [period, setPeriod] = useState<Period>('month');
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const fields = new FormData(form);
    const body = { limit: Number(fields.get('limit')), ...windowOf(period, fields.get('hours')) };
    const work = () => call('POST', `${address}budgets/`, body);
    if (!(await runAction(work, words.value.groupSaved))) return;
    form.reset();
    onAdded();
  };
  return (
    <form class="row" onSubmit={(event) => void submit(event)}>
      <TokensInput name="limit" />
      <select
        aria-label={words.value.groupLimitPeriod}
        value={period}
        onChange={(event) => setPeriod(event.currentTarget.value as Period)}
      >
        {PERIODS.map((it) => (
          <option key={it} value={it}>
            {words.value.groupLimitPeriods[it]}
          </option>
        ))}
      </select>
      {period === 'hours' && (
        <input
          name="hours"
          required
          inputMode="numeric"
          pattern="[1-9]\d{0,3}"
          aria-label={words.value.groupLimitHours}
          placeholder={words.value.groupLimitHours}
          autoComplete="off"
        />
      )}
      <button type="submit">{words.value.groupLimitAdd}</button>
    </form>
  );
}

/** Days begin where the reader is. */
function windowOf(period: Period, hours: FormDataEntryValue | null): object {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  switch (period) {
    case 'none':
      return {};
    case 'hours':
      return { hours: Number(hours) };
    default:
      return { calendar: { kind: period, time_zone: timeZone } };
  }
}
