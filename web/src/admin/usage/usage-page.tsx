import { query, setQuery } from '../../state/router.ts';
import { time } from '../../strings/strings.ts';
import type { Usage } from '../types.ts';
import { ChoiceFilter, DayFilters, Filters, momentsIn } from '../ui/filters.tsx';
import { Heading } from '../ui/heading.tsx';
import { Answered, useAnswer } from '../ui/resource.tsx';
import { words } from '../words/words.ts';
import { beginOf, endOf, type Step } from './granularity.ts';
import { UsageCharts } from './usage-charts.tsx';
import { ByModel, ByUser, Points } from './usage-tables.tsx';

/** Between days that somebody gives, what is left to choose is how long the periods are. */
function spans(hasDays: boolean): (readonly [Step, string])[] {
  const { byStep, lastDay, last30, lastYear } = words.value;
  const names = hasDays ? byStep : { hour: lastDay, day: last30, month: lastYear };
  return (['hour', 'day', 'month'] as const).map((step) => [step, names[step]]);
}

/** Sums that lag further behind say so. */
const BEHIND_MS = 120_000;

/** What was used: charts, and the same numbers as tables. */
export function UsagePage() {
  const step = query.value.get('step') ?? 'day';
  const model = query.value.get('model') ?? '';
  const days = momentsIn(query.value, 'Z');
  const hasDays = Object.keys(days).length > 0;
  const wanted = new URLSearchParams({ step, ...days, ...(model === '' ? {} : { model }) });
  const address = `/api/admin/usage/?${wanted}`;
  const answer = useAnswer<Usage>(address);
  const names = answer.it?.models.map((of) => of.model) ?? [];
  const known = [...new Set([...names, ...(model === '' ? [] : [model])])];
  return (
    <>
      <header class="place-head">
        <Heading title={words.value.usage} />
      </header>
      <Filters set={[step !== 'day', model !== '', hasDays].filter(Boolean).length}>
        <ChoiceFilter name="step" label={words.value.span} usual="day" choices={spans(hasDays)} />
        <DayFilters />
        <ChoiceFilter
          name="model"
          label={words.value.model}
          any={words.value.allModels}
          choices={known.map((name) => [name, name])}
        />
      </Filters>
      <Answered answer={answer}>
        {(usage) =>
          usage.models.length === 0 ? (
            <NothingUsed step={step} hasDays={hasDays} />
          ) : (
            <Used usage={usage} address={address} model={model} />
          )
        }
      </Answered>
    </>
  );
}

function Used({ usage, address, model }: { usage: Usage; address: string; model: string }) {
  const { points, step, as_of: asOf } = usage;
  const last = points.at(-1);
  const isRunning =
    last !== undefined && endOf(beginOf(last.period), step) * 1000 > Date.parse(asOf);
  return (
    <>
      <p class="hint">
        {words.value.utc} {isRunning && words.value.running[step]}
      </p>
      {Date.now() - Date.parse(asOf) > BEHIND_MS && (
        <p class="hint">{words.value.asOf(time(asOf))}</p>
      )}
      <UsageCharts usage={usage} hasModel={model !== ''} />
      <ByModel usage={usage} address={address} model={model} />
      <ByUser usage={usage} address={address} model={model} />
      <Points usage={usage} address={address} model={model} />
    </>
  );
}

/** Nobody is shown empty grids. */
function NothingUsed({ step, hasDays }: { step: string; hasDays: boolean }) {
  return (
    <div class="nothing-used">
      <p>{words.value.nothingUsed}</p>
      {!hasDays && <p class="hint">{words.value.nothingUsedText}</p>}
      {(hasDays || step !== 'month') && (
        <button type="button" onClick={() => setQuery({ step: 'month', from: '', to: '' })}>
          {words.value.lookBack}
        </button>
      )}
    </div>
  );
}
