import { useEffect, useRef, useState } from 'preact/hooks';
import type UPlot from 'uplot';
import { language, theme } from '../../state/preferences.ts';
import { number } from '../../strings/strings.ts';
import { words } from '../words/words.ts';
import { type Drawing, drawChart, type Series } from './chart-drawing.ts';
import { endOfPeriod, type Granularity, periodText } from './granularity.ts';

interface ChartProps {
  readonly title: string;
  /** The start of each period, in Unix s. */
  readonly times: readonly number[];
  /** The first is drawn in the accent colour, the others in ink, each labelled at its end. */
  readonly series: readonly Series[];
  readonly granularity?: Granularity;
  /** Counts are drawn as bars or steps, measurements as lines. */
  readonly kind?: Drawing['kind'] | undefined;
  /** How a value is written. */
  readonly format?: ((value: number) => string) | undefined;
  /** The sum of the first series, shown while no value is read. */
  readonly total?: number;
  /** Shown in place of the total. */
  readonly summary?: string;
}

/**
 * A chart over time. The pointer and the arrow keys read its values. A table has the same numbers,
 * so the drawing itself is hidden from screen readers.
 */
export function Chart(props: ChartProps) {
  const { title, times, series, granularity = 'day', format = number } = props;
  const kind = props.kind ?? (series.length > 1 ? 'steps' : 'bars');
  const [index, setIndex] = useState<number>();
  const { canvas, labels, moveTo } = usePlot({ times, series, granularity, kind }, setIndex);
  const isEmpty = series.every(({ values }) => values.every((value) => !value));
  const total = props.total === undefined ? '' : words.value.total(format(props.total));
  const readout =
    readoutOf(index, { times, series, granularity, format }) ?? props.summary ?? total;
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="chart-readout">{isEmpty ? words.value.noneInSpan : readout}</span>
      </figcaption>
      {!isEmpty && (
        <div
          class="chart-body"
          role="slider"
          tabIndex={0}
          aria-label={title}
          aria-roledescription={words.value.chart}
          aria-description={words.value.chartHint}
          aria-valuemin={1}
          aria-valuemax={times.length}
          aria-valuenow={(index ?? times.length - 1) + 1}
          aria-valuetext={readout}
          onKeyDown={(event) => {
            const next = indexAfterKey(event.key, index, times.length);
            if (next === 'other key') return;
            event.preventDefault();
            setIndex(next);
            moveTo(next);
          }}
          onBlur={() => {
            setIndex(undefined);
            moveTo(undefined);
          }}
        >
          <div class="chart-plot" ref={canvas} />
          {series.length > 1 && (
            <ul class="chart-ends" aria-hidden="true" ref={labels}>
              {series.map(({ label }) => (
                <li key={label} title={label}>
                  {label}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </figure>
  );
}

/** Draws the chart, and redraws it when colours, numbers or the language change. */
function usePlot(drawing: Drawing, onIndex: (index: number | undefined) => void) {
  const { times, series, granularity, kind } = drawing;
  const canvas = useRef<HTMLDivElement>(null);
  const labels = useRef<HTMLUListElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    let isGone = false;
    const redraw = () => {
      // Loaded on demand. If that fails, there is no drawing, but the table has the numbers.
      import('uplot').then(
        ({ default: Plot }) => {
          plot.current?.destroy();
          plot.current = isGone
            ? undefined
            : drawChart(Plot, drawing, { element, labels: labels.current, onIndex });
        },
        () => undefined,
      );
    };
    redraw();
    const resized = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      plot.current?.setSize({ width, height });
    });
    resized.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', redraw);
    return () => {
      resized.disconnect();
      dark.removeEventListener('change', redraw);
      isGone = true;
      plot.current?.destroy();
      plot.current = undefined;
      onIndex(undefined);
    };
  }, [times, series, granularity, kind, theme.value, language.value]);
  const moveTo = (index: number | undefined) => {
    const { current } = plot;
    const left = index === undefined ? -1 : (current?.valToPos(times[index] ?? 0, 'x') ?? -1);
    current?.setCursor({ left, top: left < 0 ? -1 : 0 });
  };
  return { canvas, labels, moveTo };
}

/** The index that is read after a key; undefined for none. */
function indexAfterKey(
  key: string,
  index: number | undefined,
  count: number,
): number | undefined | 'other key' {
  const last = count - 1;
  switch (key) {
    case 'ArrowLeft':
      return Math.max(0, index === undefined ? last : index - 1);
    case 'ArrowRight':
      return Math.min(last, index === undefined ? last : index + 1);
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'Escape':
      return undefined;
    default:
      return 'other key';
  }
}

function readoutOf(
  index: number | undefined,
  chart: Pick<Drawing, 'times' | 'series' | 'granularity'> & {
    format: (value: number) => string;
  },
): string | undefined {
  const { times, series, granularity, format } = chart;
  const start = index === undefined ? undefined : times[index];
  if (index === undefined || start === undefined) return undefined;
  const isRunning = endOfPeriod(start, granularity) * 1000 > Date.now();
  const period = periodText(start, granularity);
  const prefix = isRunning ? `${period} ${words.value.soFar}` : period;
  const values = series.map(({ label, values: all }) => {
    const value = all[index];
    const text = value === null || value === undefined ? '–' : format(value);
    return series.length > 1 ? `${label} ${text}` : text;
  });
  return `${prefix}: ${values.join(' · ')}`;
}
