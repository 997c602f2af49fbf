/** The periods of usage: hours, days and months in UTC. */
import { computed } from '@preact/signals';
import { language } from '../../state/preferences.ts';
import type { Usage } from '../types.ts';

export type Granularity = Usage['step'];

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** @returns the start of a period such as `2026-11-23T18`, `2026-11-23` or `2026-11`, in Unix s */
export function startOfPeriod(period: string): number {
  return Date.parse(period.length === 13 ? `${period}:00Z` : period) / 1000;
}

/** @returns the end of the period that starts then, in Unix s */
export function endOfPeriod(startSeconds: number, granularity: Granularity): number {
  if (granularity === 'hour') return startSeconds + HOUR_SECONDS;
  if (granularity === 'day') return startSeconds + DAY_SECONDS;
  const start = new Date(startSeconds * 1000);
  return Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1) / 1000;
}

const LONG: Record<Granularity, Intl.DateTimeFormatOptions> = {
  hour: { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  day: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  month: { month: 'long', year: 'numeric' },
};
const SHORT: Record<Granularity, Intl.DateTimeFormatOptions> = {
  hour: { hour: '2-digit', minute: '2-digit' },
  day: { day: 'numeric', month: 'short' },
  month: { month: 'short' },
};
const formatsOf = (options: Record<Granularity, Intl.DateTimeFormatOptions>) =>
  computed(() => {
    const formatOf = (granularity: Granularity) =>
      new Intl.DateTimeFormat(language.value, {
        ...options[granularity],
        timeZone: 'UTC',
        hourCycle: 'h23',
      });
    return { hour: formatOf('hour'), day: formatOf('day'), month: formatOf('month') };
  });
const long = formatsOf(LONG);
const short = formatsOf(SHORT);

/** The name of the period that starts then, such as a day with its weekday. */
export function periodText(startSeconds: number, granularity: Granularity): string {
  return long.value[granularity].format(startSeconds * 1000);
}

/** Labels for the ticks of a time axis; ticks of hours that are a day apart show the day. */
export function tickLabels(allSeconds: readonly number[], granularity: Granularity): string[] {
  const [first = 0, second = first + DAY_SECONDS] = allSeconds;
  const isByDay = granularity === 'hour' && second - first >= DAY_SECONDS;
  const format = short.value[isByDay ? 'day' : granularity];
  return allSeconds.map((seconds) => format.format(seconds * 1000));
}

/** The granularity of a period, by its format. */
export function granularityOf(period: string): Granularity {
  return period.length === 13 ? 'hour' : period.length === 10 ? 'day' : 'month';
}
