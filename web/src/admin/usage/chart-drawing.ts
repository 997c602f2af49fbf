/** Draws charts with uPlot in the colours of the page. */
import { computed } from '@preact/signals';
import type UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { language } from '../../state/preferences.ts';
import { endOfPeriod, type Granularity, tickLabels } from './granularity.ts';

/** The values of one line of a chart. */
export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

export interface Drawing {
  /** The start of each period, in Unix s. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly granularity: Granularity;
  readonly kind: 'bars' | 'steps' | 'lines';
}

/** By series: the first is in the accent colour. `.chart-ends` in admin.css has the same order. */
const STROKES = ['--accent', '--ink', '--ink-soft', '--edge', '--ink-soft'];
const WIDTHS = [2, 1, 1, 1, 1];
const DASH = [3, 3];
const FONT = '12px system-ui, sans-serif';
/** The least distance between labels at the ends of lines. */
const LABEL_PX = 16;
/** Tick steps for counts: whole numbers only. */
const WHOLE_STEPS = Array.from({ length: 13 }, (_, zeros) =>
  [1, 2, 5].map((it) => it * 10 ** zeros),
);
/** The possible distances between time ticks, in periods. */
const TICK_DISTANCES: Record<Granularity, readonly number[]> = {
  hour: [1, 2, 3, 6, 12, 24, 48, 72, 168],
  day: [1, 2, 5, 7, 14, 28, 56, 91],
  month: [1, 2, 3, 6, 12, 24],
};
const TICK_PX = 60;
const AXIS_PX = 44;
const AXIS_GAP_PX = 6;
const DIGIT_PX = 7;
/** With no more values than this, each one has a point. */
const MAX_POINTS = 40;

/** Where a chart is drawn. */
interface Target {
  readonly element: HTMLElement;
  /** Contains the names of the series in their order. */
  readonly labels: HTMLElement | null;
  /** Called with the period under the pointer; undefined if there is none. */
  readonly onIndex: (index: number | undefined) => void;
}

/** @returns the plot, which the caller must destroy */
export function drawChart(Plot: typeof UPlot, drawing: Drawing, target: Target): UPlot {
  const { times, series, kind } = drawing;
  const { element, labels, onIndex } = target;
  const edges = edgesOf(drawing);
  // The first series is drawn last, on top of the others.
  const order = series.map((_, index) => index).toReversed();
  const axis = { stroke: colourOf(element, '--ink-soft'), font: FONT, ticks: { show: false } };
  return new Plot(
    {
      width: element.clientWidth,
      height: element.clientHeight,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      // The last tick label is centred under the end of the line.
      padding: [6, 24, 0, 0],
      scales: {
        x: { time: false, range: () => [edges[0] ?? 0, edges.at(-1) ?? 1] },
        y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.05 : 1] },
      },
      axes: [
        {
          ...axis,
          size: 26,
          gap: AXIS_GAP_PX,
          grid: { show: false },
          splits: ({ bbox }) => timeTicks(drawing, bbox.width / devicePixelRatio),
          values: (_plot, ticks) => tickLabels(ticks, drawing.granularity),
        },
        {
          ...axis,
          size: axisWidth,
          gap: AXIS_GAP_PX,
          grid: { stroke: colourOf(element, '--line'), width: 1 },
          ...(kind === 'lines' ? {} : { incrs: WHOLE_STEPS.flat() }),
          values: (_plot, ticks) => ticks.map((value) => shortNumbers.value.format(value)),
        },
      ],
      series: [{}, ...order.flatMap((index) => stylesOf(Plot, drawing, { element, index, edges }))],
      hooks: {
        setCursor: [({ cursor }) => onIndex(cursor.idx ?? undefined)],
        draw: [(plot) => labels && placeLabels(plot, series, labels)],
      },
    },
    [
      [...times],
      ...order.flatMap((index) => splitRunning(series[index]?.values ?? [], drawing)),
    ] as UPlot.AlignedData,
    element,
  );
}

/** Whether the last period is still running, so that its value will grow. */
function isRunning({ times, granularity }: Drawing): boolean {
  const last = times.at(-1);
  return last !== undefined && endOfPeriod(last, granularity) * 1000 > Date.now();
}

/** The values of complete periods, and of the running one, which is drawn differently. */
function splitRunning(values: Series['values'], drawing: Drawing): Series['values'][] {
  if (!isRunning(drawing)) return [values, []];
  const last = values.length - 1;
  const from = drawing.kind === 'bars' ? last : last - 1;
  return [
    values.map((value, index) => (index === last ? null : value)),
    values.map((value, index) => (index >= from ? value : null)),
  ];
}

/** How a series is drawn: its complete periods, and the running one. */
function stylesOf(
  Plot: typeof UPlot,
  { kind, series }: Drawing,
  options: { element: HTMLElement; index: number; edges: readonly number[] },
): UPlot.Series[] {
  const { element, index, edges } = options;
  const stroke = colourOf(element, STROKES[index] ?? '--ink-soft');
  const width = WIDTHS[index] ?? 1;
  const label = series[index]?.label ?? '';
  if (kind === 'bars') {
    const bars = Plot.paths.bars?.({ size: [0.72, 40], radius: 0.08 });
    const bar = { label, points: { show: false }, ...(bars ? { paths: bars } : {}) };
    return [
      { ...bar, fill: stroke, stroke, width: 0 },
      { ...bar, fill: colourOf(element, '--accent-ground'), stroke, width: 1, dash: DASH },
    ];
  }
  const points =
    kind === 'lines'
      ? { show: true, size: 4, fill: stroke, filter: pointIndexes }
      : { show: false };
  const paths = kind === 'steps' ? { paths: stepsBetween(edges) } : {};
  const line = { label, stroke, width, ...paths };
  return [
    { ...line, points },
    { ...line, points: { show: false }, dash: DASH },
  ];
}

/** The values without a neighbour to draw a line to; all values where there are few. */
function pointIndexes({ data }: UPlot, series: number): number[] {
  const values = data[series] ?? [];
  const has = (index: number) => (values[index] ?? null) !== null;
  return [...values.keys()].filter(
    (index) => has(index) && (values.length <= MAX_POINTS || !(has(index - 1) || has(index + 1))),
  );
}

/** The x positions where periods meet: half way between their ticks. */
function edgesOf({ times, granularity }: Drawing): number[] {
  const [first = 0] = times;
  const last = times.at(-1) ?? first;
  const before =
    times.length > 1 ? (times[1] ?? 0) - first : endOfPeriod(first, granularity) - first;
  const behind = endOfPeriod(last, granularity) - last;
  const between = times.slice(1).map((time, index) => (time + (times[index] ?? time)) / 2);
  return [first - before / 2, ...between, last + behind / 2];
}

/** Draws a horizontal line as wide as its period for each value. */
function stepsBetween(edges: readonly number[]): UPlot.Series.PathBuilder {
  return (plot, series, from, to) => {
    const stroke = new Path2D();
    const values = plot.data[series] ?? [];
    let isDrawing = false;
    for (let index = from; index <= to; index += 1) {
      const value = values[index];
      if (value === null || value === undefined) {
        isDrawing = false;
        continue;
      }
      const y = Math.round(plot.valToPos(value, 'y', true));
      const [left, right] = [index, index + 1].map((it) =>
        plot.valToPos(edges[it] ?? 0, 'x', true),
      ) as [number, number];
      if (isDrawing) stroke.lineTo(left, y);
      else stroke.moveTo(left, y);
      stroke.lineTo(right, y);
      isDrawing = true;
    }
    return { stroke };
  };
}

/** As many of the times as there is room for a tick. */
function timeTicks({ times, granularity }: Drawing, widthPx: number): number[] {
  const max = Math.max(1, Math.floor(widthPx / TICK_PX));
  const minDistance = times.length / max;
  const every =
    TICK_DISTANCES[granularity].find((it) => it >= minDistance) ?? Math.ceil(minDistance);
  const last = times.length - 1;
  return times.filter((seconds, index) =>
    granularity === 'hour' ? (seconds / 3_600) % every === 0 : (last - index) % every === 0,
  );
}

/** The width of the value axis: some languages do not abbreviate a hundred thousand. */
function axisWidth(_plot: UPlot, labels: readonly string[] | null): number {
  const longest = Math.max(...(labels ?? ['']).map(({ length }) => length));
  return Math.max(AXIS_PX, longest * DIGIT_PX + 2 * AXIS_GAP_PX);
}

/** Places the names of the series beside their last values, without overlap. */
function placeLabels(plot: UPlot, series: readonly Series[], labels: HTMLElement): void {
  const wanted = series.map(({ values }, index) => {
    const value = values.findLast((it) => it !== null) ?? 0;
    return { index, top: plot.over.offsetTop + plot.valToPos(value, 'y') };
  });
  const lowest = plot.over.offsetTop + plot.over.clientHeight;
  let next = lowest;
  for (const { index, top } of wanted.toSorted((a, b) => b.top - a.top || b.index - a.index)) {
    const position = Math.min(top, next);
    next = position - LABEL_PX;
    const label = labels.children[index];
    if (label instanceof HTMLElement) label.style.top = `${position}px`;
  }
}

/** Resolves a CSS custom property, which a canvas cannot. */
function colourOf(element: HTMLElement, role: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${role})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

const shortNumbers = computed(
  () => new Intl.NumberFormat(language.value, { notation: 'compact', maximumFractionDigits: 1 }),
);
