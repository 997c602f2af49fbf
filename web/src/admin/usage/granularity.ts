/** Hours, days and months, as the sums of usage have them: in UTC. */
import { computed } from '@preact/signals';
import { language } from '../../state/preferences.ts';
import type { Usage } from '../types.ts';

export type Step = Usage['step'];

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** When a period such as `2026-11-23T18`, `2026-11-23` or `2026-11` begins, in s since 1970. */
export function beginOf(period: string): number {
  return Date.parse(period.length === 13 ? `${period}:00Z` : period) / 1000;
}

/** When the period ends that begins then, in s since 1970. */
export function endOf(beginSeconds: number, step: Step): number {
  if (step === 'hour') return beginSeconds + HOUR_SECONDS;
  if (step === 'day') return beginSeconds + DAY_SECONDS;
  const begin = new Date(beginSeconds * 1000);
  return Date.UTC(begin.getUTCFullYear(), begin.getUTCMonth() + 1) / 1000;
}

type Parts = Intl.DateTimeFormatOptions;
const LONG: Record<Step, Parts> = {
  hour: { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  day: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  month: { month: 'long', year: 'numeric' },
};
const SHORT: Record<Step, Parts> = {
  hour: { hour: '2-digit', minute: '2-digit' },
  day: { day: 'numeric', month: 'short' },
  month: { month: 'short' },
};
const formatsOf = (parts: Record<Step, Parts>) =>
  computed(() => {
    const formatOf = (step: Step) =>
      new Intl.DateTimeFormat(language.value, {
        ...parts[step],
        timeZone: 'UTC',
        hourCycle: 'h23',
      });
    return { hour: formatOf('hour'), day: formatOf('day'), month: formatOf('month') };
  });
const long = formatsOf(LONG);
const short = formatsOf(SHORT);

/** A period in words. */
export function periodText(beginSeconds: number, step: Step): string {
  return long.value[step].format(beginSeconds * 1000);
}

/** The marks of an axis, as coarse as they lie apart. */
export function marksOf(allSeconds: readonly number[], step: Step): string[] {
  const [first = 0, second = first + DAY_SECONDS] = allSeconds;
  const isByDay = step === 'hour' && second - first >= DAY_SECONDS;
  const format = short.value[isByDay ? 'day' : step];
  return allSeconds.map((seconds) => format.format(seconds * 1000));
}

/** The step of a period, by how it is written. */
export function stepOf(period: string): Step {
  return period.length === 13 ? 'hour' : period.length === 10 ? 'day' : 'month';
}
