import { computed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { language } from '../../state/preferences.ts';
import { number } from '../../strings/strings.ts';
import type { Usage } from '../types.ts';
import { Chart } from '../ui/chart.tsx';
import type { Series } from '../ui/chart-drawing.ts';
import type { Words } from '../words/en.ts';
import { words } from '../words/words.ts';
import { beginOf } from './granularity.ts';

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

/** Every chart, in these words. */
function chartsIn(text: Words): readonly Kind[] {
  const inAll = ([first]: readonly Series[]) => text.inAll(number(sumOf(first)));
  return [
    { title: text.messages, series: [[text.messages, (of) => of.messages]], summary: inAll },
    { title: text.charged, series: [[text.charged, (of) => of.charged]], summary: inAll },
    {
      title: text.activeUsers,
      series: [[text.activeUsers, (of) => of.users]],
      summary: ([first]) => text.atMost(number(Math.max(...(first?.values ?? []).map(Number)))),
      isOfAll: true,
    },
    { title: text.failures, series: [[text.failures, (of) => of.failed]], summary: inAll },
    {
      title: text.modelTokens,
      series: [
        [text.readShort, (of) => of.input],
        [text.writtenShort, (of) => of.output],
      ],
      summary: (all) => all.map((it) => `${it.label} ${number(sumOf(it))}`).join(' · '),
    },
    {
      title: text.time,
      series: [
        [text.median, (of) => inSeconds(of.median_ms)],
        [text.p95, (of) => inSeconds(of.p95_ms)],
      ],
      summary: () => text.aboutText,
      isTime: true,
    },
  ];
}

/** What was used over time, a chart for each kind of number. */
export function UsageCharts({ usage, hasModel }: { usage: Usage; hasModel: boolean }) {
  const { points, step } = usage;
  const text = words.value;
  const charts = useMemo(() => {
    const times = timesOf(usage);
    return chartsIn(text)
      .filter(({ isOfAll }) => !(hasModel && isOfAll))
      .map((it) => {
        const series = it.series.map(([label, of]) => ({ label, values: points.map(of) }));
        return { title: it.title, times, series, summary: it.summary(series), of: it };
      });
  }, [usage, hasModel, text]);
  return (
    <div class="charts">
      {charts.map(({ of, ...chart }) => (
        <Chart
          key={chart.title}
          {...chart}
          step={step}
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
  const summary = words.value.topModels(courses.length);
  return (
    <div class="charts pair">
      <Chart
        title={words.value.messagesByModel}
        times={times}
        step={step}
        summary={summary}
        series={messages}
      />
      <Chart
        title={words.value.chargedByModel}
        times={times}
        step={step}
        summary={summary}
        series={charged}
      />
    </div>
  );
}

function timesOf({ points }: Usage): number[] {
  return points.map(({ period }) => beginOf(period));
}

function inSeconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}

const twoDigits = computed(
  () => new Intl.NumberFormat(language.value, { maximumSignificantDigits: 2 }),
);
const SHORTEST_SECONDS = 0.1;

/** A duration that was read off a bucket, with no more digits than are known. */
export function roundSeconds(seconds: number): string {
  return seconds < SHORTEST_SECONDS ? words.value.noTime : `${twoDigits.value.format(seconds)} s`;
}

/** The same in words. */
export function aboutSeconds(seconds: number): string {
  return seconds < SHORTEST_SECONDS ? words.value.noTime : words.value.about(roundSeconds(seconds));
}

function sumOf(series: Series | undefined): number {
  return (series?.values ?? []).reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
