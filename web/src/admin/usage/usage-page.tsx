import { query, setQuery } from '../../state/router.ts';
import { strings, time } from '../../strings/strings.ts';
import type { Usage } from '../types.ts';
import { apiQuery } from '../ui/filter-query.ts';
import { ChoiceFilter, DayFilters, Filters } from '../ui/filters.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Loaded, useResource } from '../ui/resource.tsx';
import { words } from '../words/words.ts';
import { endOfPeriod, type Granularity, startOfPeriod } from './granularity.ts';
import { UsageCharts } from './usage-charts.tsx';
import { ByModel, ByUser, Periods } from './usage-tables.tsx';

/** The choices of time span; between chosen days only the length of the periods is left. */
function spanChoices(hasDays: boolean): (readonly [Granularity, string])[] {
  const { byGranularity, lastDay, last30Days, lastYear } = words.value;
  const names = hasDays ? byGranularity : { hour: lastDay, day: last30Days, month: lastYear };
  return (['hour', 'day', 'month'] as const).map((step) => [step, names[step]]);
}

/** A longer delay of the sums is shown. */
const MAX_DELAY_MS = 120_000;

/** Usage over time: charts, and the same numbers as tables. */
export function UsagePage() {
  const step = query.value.get('step') ?? 'day';
  const model = query.value.get('model') ?? '';
  const parameters = apiQuery(query.value, ['from', 'to', 'model'], 'Z');
  const hasDays = parameters.has('from') || parameters.has('to');
  parameters.set('step', step);
  const address = `/api/admin/usage/?${parameters}`;
  const resource = useResource<Usage>(address);
  const names = resource.data?.models.map((it) => it.model) ?? [];
  const choices = [...new Set([...names, ...(model === '' ? [] : [model])])];
  return (
    <>
      <header class="page-head">
        <PageHeading title={words.value.usage} />
      </header>
      <Filters set={[step !== 'day', model !== '', hasDays].filter(Boolean).length}>
        <ChoiceFilter
          name="step"
          label={words.value.timeSpan}
          defaultValue="day"
          choices={spanChoices(hasDays)}
        />
        <DayFilters />
        <ChoiceFilter
          name="model"
          label={strings.value.model}
          any={words.value.allModels}
          choices={choices.map((name) => [name, name])}
        />
      </Filters>
      <Loaded resource={resource}>
        {(usage) =>
          usage.models.length === 0 ? (
            <NoUsage step={step} hasDays={hasDays} />
          ) : (
            <UsageReport usage={usage} address={address} model={model} />
          )
        }
      </Loaded>
    </>
  );
}

function UsageReport({ usage, address, model }: { usage: Usage; address: string; model: string }) {
  const { points, step, as_of: asOf } = usage;
  const last = points.at(-1);
  const isRunning =
    last !== undefined && endOfPeriod(startOfPeriod(last.period), step) * 1000 > Date.parse(asOf);
  return (
    <>
      <p class="hint">
        {words.value.utc} {isRunning && words.value.stillRunning[step]}
      </p>
      {Date.now() - Date.parse(asOf) > MAX_DELAY_MS && (
        <p class="hint">{words.value.asOf(time(asOf))}</p>
      )}
      <UsageCharts usage={usage} hasModel={model !== ''} />
      <ByModel usage={usage} address={address} model={model} />
      <ByUser usage={usage} address={address} model={model} />
      <Periods usage={usage} address={address} model={model} />
    </>
  );
}

/** Shown in place of empty charts. */
function NoUsage({ step, hasDays }: { step: string; hasDays: boolean }) {
  return (
    <div class="no-usage">
      <p>{words.value.noUsage}</p>
      {!hasDays && <p class="hint">{words.value.noUsageText}</p>}
      {(hasDays || step !== 'month') && (
        <button type="button" onClick={() => setQuery({ step: 'month', from: '', to: '' })}>
          {words.value.showLastYear}
        </button>
      )}
    </div>
  );
}
