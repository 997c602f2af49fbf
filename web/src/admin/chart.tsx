import { useEffect, useRef } from 'preact/hooks';
import type UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { theme } from '../state/preferences.ts';
import { number } from '../strings/strings.ts';

const HEIGHT_PX = 168;

/** A line of a chart. */
export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

/**
 * A chart over time: the first series in the one colour, others in ink, each named where it ends.
 * The same numbers stand in a table, so this is a picture of them and no more.
 */
export function Chart(props: {
  title: string;
  /** What the first series comes to, if that says something. */
  total?: number | undefined;
  /** Seconds since 1970. */
  times: readonly number[];
  series: readonly Series[];
}) {
  const { title, total, times, series } = props;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let plot: UPlot | undefined;
    let isGone = false;
    const redraw = () => {
      // Loaded only here. Without it there is no picture, but the table is there all the same.
      import('uplot').then(
        ({ default: Plot }) => {
          plot?.destroy();
          plot = isGone ? undefined : draw(Plot, element, times, series);
        },
        () => undefined,
      );
    };
    redraw();
    const resized = new ResizeObserver(() => {
      plot?.setSize({ width: element.clientWidth, height: HEIGHT_PX });
    });
    resized.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', redraw);
    return () => {
      resized.disconnect();
      dark.removeEventListener('change', redraw);
      isGone = true;
      plot?.destroy();
    };
  }, [times, series, theme.value]);
  return (
    <figure class="chart">
      <figcaption>
        {title}
        {total !== undefined && <span class="total">{number(total)}</span>}
        {series.length > 1 &&
          series.map(({ label }, index) => (
            <span key={label} class={index === 0 ? 'series first' : 'series'}>
              {label}
            </span>
          ))}
      </figcaption>
      <div ref={place} role="img" aria-label={title} />
    </figure>
  );
}

function draw(
  Plot: typeof UPlot,
  element: HTMLElement,
  times: readonly number[],
  series: readonly Series[],
): UPlot {
  const [accent, soft, line] = ['--accent', '--ink-soft', '--line'].map((it) =>
    colourOf(element, it),
  ) as [string, string, string];
  const axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  const font = '12px system-ui, sans-serif';
  return new Plot(
    {
      width: element.clientWidth,
      height: HEIGHT_PX,
      legend: { show: false },
      cursor: { show: false },
      tzDate: (seconds) => Plot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      scales: { y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.05 : 1] } },
      axes: [
        {
          ...axis,
          font,
          size: 28,
          grid: { show: false },
          values: (_plot, splits) => moments(splits),
        },
        { ...axis, font, size: 56, values: (_plot, splits) => splits.map(short) },
      ],
      series: [
        {},
        ...series.map(({ label }, index) => ({
          ...{ label, stroke: index === 0 ? accent : soft, width: index === 0 ? 2 : 1.5 },
          points: { show: times.length < 3 },
        })),
      ],
    },
    [[...times], ...series.map(({ values }) => [...values])] as UPlot.AlignedData,
    element,
  );
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

const inHours = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});
const inDays = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
});
const DAY_SECONDS = 86_400;

/** As coarse as they lie apart. */
function moments(splits: readonly number[]): string[] {
  const [first = 0, second = 0] = splits;
  const format = second - first < DAY_SECONDS ? inHours : inDays;
  return splits.map((seconds) => format.format(seconds * 1000));
}

const shortNumbers = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

function short(value: number): string {
  return shortNumbers.format(value);
}
