import { useEffect, useRef, useState } from 'preact/hooks';
import type UPlot from 'uplot';
import { language, theme } from '../../state/preferences.ts';
import { number } from '../../strings/strings.ts';
import { endOf, periodText, type Step } from '../usage/granularity.ts';
import { words } from '../words/words.ts';
import { type Drawing, drawChart, type Series } from './chart-drawing.ts';

interface ChartProps {
  readonly title: string;
  /** When each period began, in s since 1970. */
  readonly times: readonly number[];
  /** The first is drawn in the one colour, others in ink, each with its name where it ends. */
  readonly series: readonly Series[];
  /** How long the periods are. */
  readonly step?: Step;
  /** Counts have steps, since there is nothing between two of them; measures have lines. */
  readonly kind?: Drawing['kind'];
  /** A value in words. */
  readonly read?: (value: number) => string;
  /** The sum of the first series, for who looks at no value. */
  readonly total?: number | undefined;
  /** What else it comes to, in words. */
  readonly summary?: string;
}

/**
 * A chart over time. Whoever points at it, or moves in it by the arrows, reads moment and value.
 * The same numbers stand in a table, so this is a picture of them and no more.
 */
export function Chart(props: ChartProps) {
  const { title, times, series, step = 'day', read = number } = props;
  const kind = props.kind ?? (series.length > 1 ? 'steps' : 'bars');
  const [at, setAt] = useState<number>();
  const { place, ends, moveTo } = usePlot({ times, series, step, kind }, setAt);
  const isEmpty = series.every(({ values }) => values.every((value) => !value));
  const sum = props.total === undefined ? '' : words.value.inAll(read(props.total));
  const said = readoutOf(at, { times, series, step, read }) ?? props.summary ?? sum;
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="chart-readout">{isEmpty ? words.value.noneThen : said}</span>
      </figcaption>
      {!isEmpty && (
        <div
          class="chart-body"
          role="slider"
          tabIndex={0}
          aria-label={title}
          aria-roledescription={words.value.chart}
          aria-description={words.value.readsChart}
          aria-valuemin={1}
          aria-valuemax={times.length}
          aria-valuenow={(at ?? times.length - 1) + 1}
          aria-valuetext={said}
          onKeyDown={(event) => {
            const to = placeAfter(event.key, at, times.length);
            if (to === 'elsewhere') return;
            event.preventDefault();
            setAt(to);
            moveTo(to);
          }}
          onBlur={() => {
            setAt(undefined);
            moveTo(undefined);
          }}
        >
          <div class="chart-plot" ref={place} />
          {series.length > 1 && (
            <ul class="chart-ends" aria-hidden="true" ref={ends}>
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

/** Draws, and draws anew when colours, numbers or the language change. */
function usePlot(drawing: Drawing, onAt: (at: number | undefined) => void) {
  const { times, series, step, kind } = drawing;
  const place = useRef<HTMLDivElement>(null);
  const ends = useRef<HTMLUListElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let isGone = false;
    const redraw = () => {
      // Loaded only here. Without it there is no picture, but the table is there all the same.
      import('uplot').then(
        ({ default: Plot }) => {
          plot.current?.destroy();
          const to = { element, ends: ends.current, onAt };
          plot.current = isGone ? undefined : drawChart(Plot, drawing, to);
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
      onAt(undefined);
    };
  }, [times, series, step, kind, theme.value, language.value]);
  const moveTo = (at: number | undefined) => {
    const { current } = plot;
    const left = at === undefined ? -1 : (current?.valToPos(times[at] ?? 0, 'x') ?? -1);
    current?.setCursor({ left, top: left < 0 ? -1 : 0 });
  };
  return { place, ends, moveTo };
}

/** Which value is read after a key; undefined for none any more. */
function placeAfter(
  key: string,
  at: number | undefined,
  count: number,
): number | undefined | 'elsewhere' {
  const last = count - 1;
  switch (key) {
    case 'ArrowLeft':
      return Math.max(0, at === undefined ? last : at - 1);
    case 'ArrowRight':
      return Math.min(last, at === undefined ? last : at + 1);
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'Escape':
      return undefined;
    default:
      return 'elsewhere';
  }
}

function readoutOf(
  at: number | undefined,
  chart: Pick<Drawing, 'times' | 'series' | 'step'> & { read: (value: number) => string },
): string | undefined {
  const { times, series, step, read } = chart;
  const begin = at === undefined ? undefined : times[at];
  if (at === undefined || begin === undefined) return undefined;
  const isRunning = endOf(begin, step) * 1000 > Date.now();
  const moment = `${periodText(begin, step)}${isRunning ? ` ${words.value.soFar}` : ''}`;
  const values = series.map(({ label, values: all }) => {
    const value = all[at];
    const text = value === null || value === undefined ? '–' : read(value);
    return series.length > 1 ? `${label} ${text}` : text;
  });
  return `${moment}: ${values.join(' · ')}`;
}
