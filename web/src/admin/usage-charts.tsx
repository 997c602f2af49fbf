import { useMemo } from 'preact/hooks';
import { number } from '../strings/strings.ts';
import { Chart } from './chart.tsx';
import type { Series } from './chart-drawing.ts';
import { beginOf } from './steps.ts';
import type { Usage } from './types.ts';
import { words } from './words.ts';

type Point = Usage['points'][number];

interface Kind {
  readonly title: string;
  readonly series: readonly (readonly [label: string, read: (of: Point) => number | null])[];
  /** What all of it comes to, in words. */
  readonly summary: (of: readonly Series[]) => string;
  /** Durations are measures; all else is counted. */
  readonly isTime?: boolean;
  /** What is not known of a single model. */
  readonly isOfAll?: boolean;
}

const inAll = ([first]: readonly Series[]) => words.inAll(number(sumOf(first)));
const CHARTS: readonly Kind[] = [
  { title: words.messages, series: [[words.messages, (of) => of.messages]], summary: inAll },
  { title: words.charged, series: [[words.charged, (of) => of.charged]], summary: inAll },
  {
    title: words.activeUsers,
    series: [[words.activeUsers, (of) => of.users]],
    summary: ([first]) => words.atMost(number(Math.max(...(first?.values ?? []).map(Number)))),
    isOfAll: true,
  },
  { title: words.failures, series: [[words.failures, (of) => of.failed]], summary: inAll },
  {
    title: words.modelTokens,
    series: [
      [words.readShort, (of) => of.input],
      [words.writtenShort, (of) => of.output],
    ],
    summary: (all) => all.map((it) => `${it.label} ${number(sumOf(it))}`).join(' · '),
  },
  {
    title: words.time,
    series: [
      [words.median, (of) => inSeconds(of.median_ms)],
      [words.p95, (of) => inSeconds(of.p95_ms)],
    ],
    summary: () => words.aboutText,
    isTime: true,
  },
];

/** What was used over time, a chart for each kind of number. */
export function UsageCharts({ usage, hasModel }: { usage: Usage; hasModel: boolean }) {
  const { points, step } = usage;
  const charts = useMemo(() => {
    const times = timesOf(usage);
    return CHARTS.filter(({ isOfAll }) => !(hasModel && isOfAll)).map((it) => {
      const series = it.series.map(([label, of]) => ({ label, values: points.map(of) }));
      return { ...{ title: it.title, times, series }, summary: it.summary(series), of: it };
    });
  }, [usage, hasModel]);
  return (
    <div class="charts">
      {charts.map(({ of, ...chart }) => (
        <Chart
          key={chart.title}
          {...{ ...chart, step }}
          {...(of.isTime ? ({ kind: 'lines', read: aboutSeconds } as const) : {})}
        />
      ))}
    </div>
  );
}

/** The models that were charged most, side by side; the one that was asked for in the colour. */
export function ModelCharts({ usage, model }: { usage: Usage; model: string }) {
  const { courses, step } = usage;
  const [times, messages, charged] = useMemo(() => {
    const sorted = courses.toSorted(
      (a, b) => Number(b.model === model) - Number(a.model === model),
    );
    const seriesOf = (what: 'messages' | 'charged') =>
      sorted.map((it) => ({ label: it.model, values: it[what] }));
    return [timesOf(usage), seriesOf('messages'), seriesOf('charged')] as const;
  }, [usage, model]);
  const summary = words.topModels(courses.length);
  return (
    <div class="charts pair">
      <Chart title={words.messagesByModel} {...{ times, step, summary }} series={messages} />
      <Chart title={words.chargedByModel} {...{ times, step, summary }} series={charged} />
    </div>
  );
}

function timesOf({ points }: Usage): number[] {
  return points.map(({ period }) => beginOf(period));
}

function inSeconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}

const twoDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const SHORTEST_SECONDS = 0.1;

/** A duration that was read off a bucket, with no more digits than are known. */
export function roundSeconds(seconds: number): string {
  return seconds < SHORTEST_SECONDS ? words.noTime : `${twoDigits.format(seconds)} s`;
}

/** The same in words. */
export function aboutSeconds(seconds: number): string {
  return seconds < SHORTEST_SECONDS ? words.noTime : words.about(roundSeconds(seconds));
}

function sumOf(series: Series | undefined): number {
  return (series?.values ?? []).reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
