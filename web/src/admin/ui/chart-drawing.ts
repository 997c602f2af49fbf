/** Draws charts with uPlot, in the colours of the page. */
import { computed } from '@preact/signals';
import type UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { language } from '../../state/preferences.ts';
import { endOf, marksOf, type Step } from '../usage/granularity.ts';

/** A line of a chart. */
export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

export interface Drawing {
  /** When each period began, in s since 1970. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly step: Step;
  readonly kind: 'bars' | 'steps' | 'lines';
}

/** The first series is in the one colour, the others in ink; `.chart-ends` in admin.css has the
 * same, in the same order. */
const STROKES = ['--accent', '--ink', '--ink-soft', '--edge', '--ink-soft'];
const WIDTHS = [2, 1, 1, 1, 1];
const DASH = [3, 3];
const FONT = '12px system-ui, sans-serif';
/** Names at the ends of lines do not come closer to each other. */
const LABEL_PX = 16;
/** Marks of counts: there is no half message. */
const WHOLE = Array.from({ length: 13 }, (_, zeros) => [1, 2, 5].map((it) => it * 10 ** zeros));
/** Every so many periods have a mark. */
const MARKS: Record<Step, readonly number[]> = {
  hour: [1, 2, 3, 6, 12, 24, 48, 72, 168],
  day: [1, 2, 5, 7, 14, 28, 56, 91],
  month: [1, 2, 3, 6, 12, 24],
};
const MARK_PX = 60;
const AXIS_PX = 44;
const AXIS_GAP_PX = 6;
const DIGIT_PX = 7;
const FEW = 40;

/** What a drawing is put into. */
interface Place {
  readonly element: HTMLElement;
  /** Has the names of the series, in their order. */
  readonly ends: HTMLElement | null;
  /** Told which period is pointed at; undefined if none is. */
  readonly onAt: (at: number | undefined) => void;
}

/** @returns the plot, which is the caller's to destroy */
export function drawChart(Plot: typeof UPlot, drawing: Drawing, place: Place): UPlot {
  const { times, series, kind } = drawing;
  const { element, ends, onAt } = place;
  const [soft, line] = ['--ink-soft', '--line'].map((it) => colourOf(element, it)) as [
    string,
    string,
  ];
  const edges = edgesOf(drawing);
  // The first lies over the others.
  const order = series.map((_, nth) => nth).toReversed();
  const axis = { stroke: soft, font: FONT, ticks: { show: false } };
  return new Plot(
    {
      width: element.clientWidth,
      height: element.clientHeight,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      // The last mark stands under the end of the line, half of it behind.
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
          splits: ({ bbox }) => marksIn(drawing, bbox.width / devicePixelRatio),
          values: (_plot, marks) => marksOf(marks, drawing.step),
        },
        {
          ...axis,
          size: widthOf,
          gap: AXIS_GAP_PX,
          grid: { stroke: line, width: 1 },
          ...(kind === 'lines' ? {} : { incrs: WHOLE.flat() }),
          values: (_plot, marks) => marks.map((value) => shortNumbers.value.format(value)),
        },
      ],
      series: [{}, ...order.flatMap((nth) => stylesOf(Plot, drawing, { element, nth, edges }))],
      hooks: {
        setCursor: [({ cursor }) => onAt(cursor.idx ?? undefined)],
        draw: [(plot) => ends && placeEnds(plot, series, ends)],
      },
    },
    [
      [...times],
      ...order.flatMap((nth) => partsOf(series[nth]?.values ?? [], drawing)),
    ] as UPlot.AlignedData,
    element,
  );
}

/** Whether the last period is still running, so that what it has is not all. */
function isRunning({ times, step }: Drawing): boolean {
  const last = times.at(-1);
  return last !== undefined && endOf(last, step) * 1000 > Date.now();
}

/** What is over, and what is still running: the latter is drawn as something else. */
function partsOf(values: Series['values'], drawing: Drawing): Series['values'][] {
  if (!isRunning(drawing)) return [values, []];
  const last = values.length - 1;
  const from = drawing.kind === 'bars' ? last : last - 1;
  return [
    values.map((value, index) => (index === last ? null : value)),
    values.map((value, index) => (index >= from ? value : null)),
  ];
}

/** How a series is drawn: what is over, and what is running. */
function stylesOf(
  Plot: typeof UPlot,
  { kind, series }: Drawing,
  { element, nth, edges }: { element: HTMLElement; nth: number; edges: readonly number[] },
): UPlot.Series[] {
  const stroke = colourOf(element, STROKES[nth] ?? '--ink-soft');
  const width = WIDTHS[nth] ?? 1;
  const label = series[nth]?.label ?? '';
  if (kind === 'bars') {
    const bars = Plot.paths.bars?.({ size: [0.72, 40], radius: 0.08 });
    const bar = { label, points: { show: false }, ...(bars ? { paths: bars } : {}) };
    return [
      { ...bar, fill: stroke, stroke, width: 0 },
      { ...bar, fill: colourOf(element, '--accent-ground'), stroke, width: 1, dash: DASH },
    ];
  }
  const points =
    kind === 'lines' ? { show: true, size: 4, fill: stroke, filter: lonelyOf } : { show: false };
  const paths = kind === 'steps' ? { paths: stepsBetween(edges) } : {};
  const all = { label, stroke, width, ...paths };
  return [
    { ...all, points },
    { ...all, points: { show: false }, dash: DASH },
  ];
}

/** The values that have no neighbour to draw a line to; all of them, where there are few. */
function lonelyOf({ data }: UPlot, series: number): number[] {
  const values = data[series] ?? [];
  const has = (index: number) => (values[index] ?? null) !== null;
  return [...values.keys()].filter(
    (index) => has(index) && (values.length <= FEW || !(has(index - 1) || has(index + 1))),
  );
}

/** Where periods meet: half way between their moments, and as far out at both ends. */
function edgesOf({ times, step }: Drawing): number[] {
  const [first = 0] = times;
  const last = times.at(-1) ?? first;
  const before = times.length > 1 ? (times[1] ?? 0) - first : endOf(first, step) - first;
  const behind = endOf(last, step) - last;
  const between = times.slice(1).map((time, index) => (time + (times[index] ?? time)) / 2);
  return [first - before / 2, ...between, last + behind / 2];
}

/** A level for each period, as wide as it is. */
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

/** As many of the moments as have room for a mark. */
function marksIn({ times, step }: Drawing, widthPx: number): number[] {
  const most = Math.max(1, Math.floor(widthPx / MARK_PX));
  const least = times.length / most;
  const every = MARKS[step].find((it) => it >= least) ?? Math.ceil(least);
  const last = times.length - 1;
  return times.filter((seconds, index) =>
    step === 'hour' ? (seconds / 3_600) % every === 0 : (last - index) % every === 0,
  );
}

/** How wide the axis of values is: some languages write a hundred thousand out. */
function widthOf(_plot: UPlot, marks: readonly string[] | null): number {
  const longest = Math.max(...(marks ?? ['']).map(({ length }) => length));
  return Math.max(AXIS_PX, longest * DIGIT_PX + 2 * AXIS_GAP_PX);
}

/** Puts the names beside the last values, and apart from each other. */
function placeEnds(plot: UPlot, series: readonly Series[], ends: HTMLElement): void {
  const wanted = series.map(({ values }, nth) => {
    const value = values.findLast((it) => it !== null) ?? 0;
    return { nth, top: plot.over.offsetTop + plot.valToPos(value, 'y') };
  });
  const lowest = plot.over.offsetTop + plot.over.clientHeight;
  let next = lowest;
  for (const { nth, top } of wanted.toSorted((a, b) => b.top - a.top || b.nth - a.nth)) {
    const at = Math.min(top, next);
    next = at - LABEL_PX;
    const label = ends.children[nth];
    if (label instanceof HTMLElement) label.style.top = `${at}px`;
  }
}

/** Canvas knows no custom properties, but understands what they come to. */
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
