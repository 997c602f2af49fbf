import { useMemo } from 'preact/hooks';
import { number } from '../../strings/strings.ts';
import type { Usage } from '../types.ts';
import { approximateDuration } from '../ui/duration-text.ts';
import type { Words } from '../words/en.ts';
import { words } from '../words/words.ts';
import { Chart } from './chart.tsx';
import type { Series } from './chart-drawing.ts';
import { startOfPeriod } from './granularity.ts';

type Point = Usage['points'][number];

interface ChartSpec {
  readonly title: string;
  readonly series: readonly (readonly [label: string, read: (point: Point) => number | null])[];
  /** What is shown while no value is read. */
  readonly summary: (series: readonly Series[]) => string;
  /** Durations are drawn as lines, counts as bars or steps. */
  readonly isDuration?: boolean;
  /** Whether it is known for all models together only. */
  readonly isForAllModels?: boolean;
}

/** All charts, with their texts. */
function chartSpecs(text: Words): readonly ChartSpec[] {
  const total = ([first]: readonly Series[]) => text.total(number(sumOf(first)));
  return [
    { title: text.messages, series: [[text.messages, (it) => it.messages]], summary: total },
    { title: text.charged, series: [[text.charged, (it) => it.charged]], summary: total },
    {
      title: text.activeUsers,
      series: [[text.activeUsers, (it) => it.users]],
      summary: ([first]) => text.peak(number(Math.max(...(first?.values ?? []).map(Number)))),
      isForAllModels: true,
    },
    { title: text.failures, series: [[text.failures, (it) => it.failed]], summary: total },
    {
      title: text.modelTokens,
      series: [
        [text.inputShort, (it) => it.input],
        [text.outputShort, (it) => it.output],
      ],
      summary: (all) => all.map((it) => `${it.label} ${number(sumOf(it))}`).join(' · '),
    },
    {
      title: text.responseTime,
      series: [
        [text.median, (it) => inSeconds(it.median_ms)],
        [text.p95, (it) => inSeconds(it.p95_ms)],
      ],
      summary: () => text.approximateText,
      isDuration: true,
    },
  ];
}

/** Usage over time, one chart for each kind of number. */
export function UsageCharts({ usage, hasModel }: { usage: Usage; hasModel: boolean }) {
  const { points, step } = usage;
  const text = words.value;
  const charts = useMemo(() => {
    const times = timesOf(usage);
    return chartSpecs(text)
      .filter(({ isForAllModels }) => !(hasModel && isForAllModels))
      .map((spec) => {
        const series = spec.series.map(([label, read]) => ({
          label,
          values: points.map(read),
        }));
        return { ...spec, series, times, summary: spec.summary(series) };
      });
  }, [usage, hasModel, text]);
  return (
    <div class="charts">
      {charts.map(({ title, times, series, summary, isDuration }) => (
        <Chart
          key={title}
          title={title}
          times={times}
          series={series}
          summary={summary}
          granularity={step}
          kind={isDuration ? 'lines' : undefined}
          format={isDuration ? approximateDuration : undefined}
        />
      ))}
    </div>
  );
}

/** The models with the highest charges side by side; the one of the filter is in colour. */
export function ModelCharts({ usage, model }: { usage: Usage; model: string }) {
  const { courses, step } = usage;
  const [times, messages, charged] = useMemo(() => {
    const sorted = courses.toSorted(
      (a, b) => Number(b.model === model) - Number(a.model === model),
    );
    const seriesOf = (name: 'messages' | 'charged') =>
      sorted.map((it) => ({ label: it.model, values: it[name] }));
    return [timesOf(usage), seriesOf('messages'), seriesOf('charged')] as const;
  }, [usage, model]);
  const summary = words.value.topModels(courses.length);
  return (
    <div class="charts pair">
      <Chart
        title={words.value.messagesByModel}
        times={times}
        granularity={step}
        summary={summary}
        series={messages}
      />
      <Chart
        title={words.value.chargedByModel}
        times={times}
        granularity={step}
        summary={summary}
        series={charged}
      />
    </div>
  );
}

function timesOf({ points }: Usage): number[] {
  return points.map(({ period }) => startOfPeriod(period));
}

function inSeconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}

function sumOf(series: Series | undefined): number {
  return (series?.values ?? []).reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
