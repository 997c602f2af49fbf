/**
 * Calendar periods in a named time zone: days, weeks, months and terms with dates. A period begins
 * at the first moment of its first day, also where daylight saving skips midnight, and ends where
 * the next one begins.
 */

/** A kind of period. Its text (`calendarText`) names it in the database. */
export type Calendar =
  | { readonly kind: 'day'; readonly timeZone: string }
  /** @property weekday on which a week begins: 1 is Monday, 7 Sunday (ISO 8601) */
  | { readonly kind: 'week'; readonly weekday: number; readonly timeZone: string }
  /** @property day on which a month begins, 1 to 31; the last day of a month that is shorter */
  | { readonly kind: 'month'; readonly day: number; readonly timeZone: string }
  /** Periods with dates of their own, in order, which may have gaps. */
  | { readonly kind: 'term'; readonly terms: readonly Term[]; readonly timeZone: string };

/** From the first day to the last, both included, as ISO 8601 dates. */
export interface Term {
  readonly firstDay: string;
  readonly lastDay: string;
}

/** In milliseconds since 1970 UTC; the end is not part of it. */
export interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

/** Many more than anybody plans ahead. */
const MAX_TERMS = 50;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * The text of a calendar, such as `month 1 Europe/Berlin`; the same for the same calendar.
 * `calendarFrom` reads it.
 */
export function calendarText(calendar: Calendar): string {
  const { timeZone } = calendar;
  switch (calendar.kind) {
    case 'day':
      return `day ${timeZone}`;
    case 'week':
      return `week ${calendar.weekday} ${timeZone}`;
    case 'month':
      return `month ${calendar.day} ${timeZone}`;
    case 'term': {
      const terms = calendar.terms.map(({ firstDay, lastDay }) => `${firstDay}/${lastDay}`);
      return `term ${terms.join(',')} ${timeZone}`;
    }
  }
}

/**
 * The calendar of a text that `calendarText` made.
 * @throws Error if it is another text
 */
export function calendarFrom(text: string): Calendar {
  const [kind, ...words] = text.split(' ');
  const timeZone = words.at(-1) ?? '';
  const calendar: Calendar | undefined =
    kind === 'day'
      ? { kind, timeZone }
      : kind === 'week'
        ? { kind, weekday: Number(words[0]), timeZone }
        : kind === 'month'
          ? { kind, day: Number(words[0]), timeZone }
          : kind === 'term'
            ? { kind, terms: termsFrom(words[0] ?? ''), timeZone }
            : undefined;
  if (!calendar || calendarText(calendar) !== text || faultOfCalendar(calendar) !== undefined) {
    throw new Error(`"${text}" is not a calendar.`);
  }
  return calendar;
}

function termsFrom(text: string): Term[] {
  return text.split(',').map((term) => {
    const [firstDay = '', lastDay = ''] = term.split('/');
    return { firstDay, lastDay };
  });
}

export type CalendarFault = 'time_zone' | 'weekday' | 'day' | 'terms';

/** What is wrong with a calendar; undefined if it is valid. */
export function faultOfCalendar(calendar: Calendar): CalendarFault | undefined {
  if (!isTimeZone(calendar.timeZone)) return 'time_zone';
  switch (calendar.kind) {
    case 'day':
      return undefined;
    case 'week':
      return isWithin(calendar.weekday, 7) ? undefined : 'weekday';
    case 'month':
      return isWithin(calendar.day, 31) ? undefined : 'day';
    case 'term':
      return areTerms(calendar.terms) ? undefined : 'terms';
  }
}

function isWithin(number: number, last: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= last;
}

/** Whether it is a name of the IANA time zone database; offsets such as `+01:00` are none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return false;
  try {
    Temporal.PlainDate.from('2026-01-01').toZonedDateTime(name);
    return true;
  } catch {
    return false;
  }
}

function areTerms(terms: readonly Term[]): boolean {
  if (terms.length === 0 || terms.length > MAX_TERMS) return false;
  const days = terms.flatMap(({ firstDay, lastDay }) => [firstDay, lastDay]);
  if (!days.every(isDate)) return false;
  return terms.every(({ firstDay, lastDay }, index) => {
    const next = terms[index + 1];
    return firstDay <= lastDay && (!next || lastDay < next.firstDay);
  });
}

function isDate(text: string): boolean {
  try {
    return DATE.test(text) && Temporal.PlainDate.from(text).toString() === text;
  } catch {
    return false;
  }
}

/**
 * The periods that overlap a span of time, in order.
 * @param fromMs,untilMs the span in milliseconds since 1970 UTC
 */
export function periodsBetween(calendar: Calendar, fromMs: number, untilMs: number): Period[] {
  if (calendar.kind === 'term') {
    const all = calendar.terms.map((term) => periodOfTerm(term, calendar.timeZone));
    return all.filter(({ startMs, endMs }) => endMs > fromMs && startMs < untilMs);
  }
  const periods: Period[] = [];
  let start = firstDayOfPeriod(calendar, dateAt(fromMs, calendar.timeZone));
  for (;;) {
    const next = firstDayOfNext(calendar, start);
    const startMs = beginOf(start, calendar.timeZone);
    if (startMs >= untilMs) return periods;
    const endMs = beginOf(next, calendar.timeZone);
    // Where a day was skipped altogether, as at the date line, nothing of it is left.
    if (endMs > startMs && endMs > fromMs) periods.push({ startMs, endMs });
    start = next;
  }
}

function periodOfTerm({ firstDay, lastDay }: Term, timeZone: string): Period {
  const end = Temporal.PlainDate.from(lastDay).add({ days: 1 });
  return {
    startMs: beginOf(Temporal.PlainDate.from(firstDay), timeZone),
    endMs: beginOf(end, timeZone),
  };
}

function dateAt(ms: number, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).toPlainDate();
}

/** The first moment of a day (`startOfDay` of the Temporal proposal). */
function beginOf(date: Temporal.PlainDate, timeZone: string): number {
  return date.toZonedDateTime(timeZone).epochMilliseconds;
}

type Repeating = Exclude<Calendar, { kind: 'term' }>;

function firstDayOfPeriod(calendar: Repeating, date: Temporal.PlainDate): Temporal.PlainDate {
  switch (calendar.kind) {
    case 'day':
      return date;
    case 'week':
      return date.subtract({ days: (date.dayOfWeek - calendar.weekday + 7) % 7 });
    case 'month': {
      const start = dayOfMonth(date, calendar.day);
      const isBefore = Temporal.PlainDate.compare(date, start) < 0;
      return isBefore ? dayOfMonth(date.subtract({ months: 1 }), calendar.day) : start;
    }
  }
}

function firstDayOfNext(calendar: Repeating, start: Temporal.PlainDate): Temporal.PlainDate {
  switch (calendar.kind) {
    case 'day':
      return start.add({ days: 1 });
    case 'week':
      return start.add({ days: 7 });
    case 'month':
      return dayOfMonth(start.with({ day: 1 }).add({ months: 1 }), calendar.day);
  }
}

/** That day of the month of a date, or the last one. */
function dayOfMonth(date: Temporal.PlainDate, day: number): Temporal.PlainDate {
  return date.with({ day: Math.min(day, date.daysInMonth) });
}

/** Where a moment is among the periods of a calendar. */
export interface PeriodAt {
  /** The latest period that has begun; it may have ended. */
  readonly begun: Period | undefined;
  /** When the next one begins; undefined after the last. */
  readonly nextStartMs: number | undefined;
}

/** @param periods of one calendar, in order */
export function periodAt(periods: readonly Period[], atMs: number): PeriodAt {
  const next = periods.findIndex(({ startMs }) => startMs > atMs);
  if (next < 0) return { begun: periods.at(-1), nextStartMs: undefined };
  return { begun: periods[next - 1], nextStartMs: periods[next]?.startMs };
}
