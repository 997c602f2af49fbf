/** Periods as the audit log keeps them, such as `month 1 Europe/Berlin`, for people. */
import { dayIn, weekdayName } from '../../strings/strings.ts';
import { words } from '../words/words.ts';
import type { LoggedPeriod } from './logged-period.ts';

const FORMS = {
  none: /^none$/,
  hours: /^(\d+) h(?:ours)?$/,
  day: /^day (\S+)$/,
  week: /^week ([1-7]) (\S+)$/,
  month: /^month (\d{1,2}) (\S+)$/,
  term: /^(?:term|(\d+) terms) (\d{4}-\d\d-\d\d)\/(?:.*\/)?(\d{4}-\d\d-\d\d) (\S+)$/,
} as const;

/** The period in a text, and its time zone; undefined if it is another text. */
export function readPeriod(
  text: string,
): { readonly period: LoggedPeriod; readonly timeZone?: string | undefined } | undefined {
  const parts = (kind: keyof typeof FORMS) => FORMS[kind].exec(text)?.slice(1);
  const [day, week, month, term] = (['day', 'week', 'month', 'term'] as const).map(parts);
  if (parts('none')) return { period: { kind: 'none' } };
  const [hours] = parts('hours') ?? [];
  if (hours !== undefined) return { period: { kind: 'hours', hours: Number(hours) } };
  if (day) return { period: { kind: 'day' }, timeZone: day[0] };
  if (week) {
    const weekday = weekdayName(Number(week[0]));
    return { period: { kind: 'week', weekday }, timeZone: week[1] };
  }
  if (month) return { period: { kind: 'month', day: Number(month[0]) }, timeZone: month[1] };
  if (!term) return undefined;
  const [terms, first, last] = [Number(term[0] ?? text.split(',').length), ...term.slice(1, 3)];
  const dayOf = (date = '') => dayIn(`${date}T12:00:00Z`, 'UTC');
  const period = { kind: 'term', terms, first: dayOf(first), last: dayOf(last) } as const;
  return { period, timeZone: term[3] };
}

/** How often something renews, such as `every month on the 1st (Europe/Berlin)`. */
export function renewalFact(text: string): string {
  return inWords(text, words.value.renewalPeriod);
}

/** The time over which a limit counts, such as `a month, from the 1st (Europe/Berlin)`. */
export function windowFact(text: string): string {
  return inWords(text, words.value.limitPeriod);
}

/** The limits of a plan: `300 in 5 hours, 900 in week 1 Europe/Berlin`. */
export function windowsFact(text: string): string {
  const limits = text.split(', ').map((it) => {
    const [, amount, window = ''] = /^(\d+) in (.*)$/.exec(it) ?? [];
    return amount === undefined ? it : words.value.limitOver(Number(amount), windowFact(window));
  });
  return limits.join('; ');
}

function inWords(text: string, say: (period: LoggedPeriod) => string): string {
  const read = readPeriod(text);
  if (!read) return text;
  const said = say(read.period);
  return read.timeZone === undefined ? said : `${said} (${read.timeZone.replaceAll('_', ' ')})`;
}
