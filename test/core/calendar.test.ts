/**
 * Periods of calendars against a computation of their own: dates by `Date.UTC`, and the first
 * moment of a day searched with `Intl`, without the arithmetic of Temporal.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Calendar,
  calendarFrom,
  calendarText,
  faultOfCalendar,
  periodAt,
  periodsBetween,
} from '../../src/core/calendar.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Lord Howe Island changes by half an hour; in Cairo the change skips midnight. */
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo'];
/** Both changes of three years, and 29 February 2028. */
const FROM = Date.UTC(2026, 0, 1);
const UNTIL = Date.UTC(2028, 11, 31);

/** A date as days since 1970, without a time zone. */
type Day = number;

function dayOf(year: number, month: number, day: number): Day {
  return Date.UTC(year, month, day) / DAY_MS;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The date that a clock in a time zone shows. */
function shownDay(ms: number, timeZone: string): Day {
  let format = formats.get(timeZone);
  if (!format) {
    const parts = { year: 'numeric', month: 'numeric', day: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone, ...parts });
    formats.set(timeZone, format);
  }
  const [month = 0, day = 0, year = 0] = format.format(ms).split('/').map(Number);
  return dayOf(year, month - 1, day);
}

/** The first minute at which a clock in a time zone shows a date, or a later one. */
function firstMomentOf(day: Day, timeZone: string): number {
  let before = day * DAY_MS - 16 * 3_600_000;
  let after = day * DAY_MS + 16 * 3_600_000;
  while (after - before > MINUTE_MS) {
    const middle = before + Math.floor((after - before) / 2 / MINUTE_MS) * MINUTE_MS;
    if (shownDay(middle, timeZone) >= day) after = middle;
    else before = middle;
  }
  return after;
}

function* startsOf(calendar: Calendar): Generator<Day> {
  const first = dayOf(2025, 11, 20);
  const last = dayOf(2029, 0, 20);
  if (calendar.kind === 'month') {
    for (let month = -1; month <= 36; month += 1) {
      const end = new Date(Date.UTC(2026, month + 1, 0)).getUTCDate();
      yield dayOf(2026, month, Math.min(calendar.day, end));
    }
    return;
  }
  for (let day = first; day <= last; day += 1) {
    // 1 January 1970 was a Thursday.
    const weekday = ((((day + 3) % 7) + 7) % 7) + 1;
    if (calendar.kind === 'day' || (calendar.kind === 'week' && weekday === calendar.weekday)) {
      yield day;
    }
  }
}

const KINDS = [
  { kind: 'day' },
  { kind: 'week', weekday: 1 },
  { kind: 'week', weekday: 7 },
  { kind: 'month', day: 1 },
  { kind: 'month', day: 29 },
  { kind: 'month', day: 30 },
  { kind: 'month', day: 31 },
] as const;

for (const timeZone of ZONES) {
  for (const kind of KINDS) {
    const calendar = { ...kind, timeZone } as Calendar;
    test(`every period of three years begins when its first day does: ${calendarText(calendar)}`, () => {
      const moments = [...startsOf(calendar)].map((day) => firstMomentOf(day, timeZone));
      const expected = moments
        .slice(0, -1)
        .map((startMs, index) => ({ startMs, endMs: moments[index + 1] as number }))
        .filter(({ startMs, endMs }) => endMs > FROM && startMs < UNTIL);
      assert.deepEqual(periodsBetween(calendar, FROM, UNTIL), expected);
    });
  }
}

test('a month that begins on the 31st begins on the last day of shorter months', () => {
  const calendar: Calendar = { kind: 'month', day: 31, timeZone: 'UTC' };
  const starts = periodsBetween(calendar, Date.UTC(2028, 0, 31), Date.UTC(2028, 5, 1));
  assert.deepEqual(
    starts.map(({ startMs }) => new Date(startMs).toISOString().slice(5, 10)),
    ['01-31', '02-29', '03-31', '04-30', '05-31'],
  );
});

test('days of 23 and 25 hours, and of 23.5 and 24.5 on Lord Howe Island', () => {
  const hoursOf = (timeZone: string) => {
    const days = periodsBetween({ kind: 'day', timeZone }, FROM, Date.UTC(2026, 11, 31));
    const hours = days.map(({ startMs, endMs }) => (endMs - startMs) / 3_600_000);
    return hours.filter((it) => it !== 24).sort();
  };
  assert.deepEqual(hoursOf('Europe/Berlin'), [23, 25]);
  assert.deepEqual(hoursOf('America/New_York'), [23, 25]);
  assert.deepEqual(hoursOf('Australia/Lord_Howe'), [23.5, 24.5]);
});

test('where a day was skipped altogether, no period is empty and none is missing', () => {
  // Samoa went from 29 to 31 December 2011.
  const calendar: Calendar = { kind: 'day', timeZone: 'Pacific/Apia' };
  const days = periodsBetween(calendar, Date.UTC(2011, 11, 28, 12), Date.UTC(2012, 0, 1));
  for (const [index, { startMs, endMs }] of days.entries()) {
    assert.equal(endMs - startMs, DAY_MS);
    if (index > 0) assert.equal(startMs, days[index - 1]?.endMs);
  }
});

test('terms have gaps, in which no period runs', () => {
  const calendar: Calendar = {
    kind: 'term',
    timeZone: 'Europe/Berlin',
    terms: [
      { firstDay: '2026-02-01', lastDay: '2026-03-31' },
      { firstDay: '2026-05-01', lastDay: '2026-07-31' },
    ],
  };
  const terms = periodsBetween(calendar, 0, Infinity);
  const at = (day: Day) => firstMomentOf(day, 'Europe/Berlin');
  assert.deepEqual(terms, [
    { startMs: at(dayOf(2026, 1, 1)), endMs: at(dayOf(2026, 3, 1)) },
    { startMs: at(dayOf(2026, 4, 1)), endMs: at(dayOf(2026, 7, 1)) },
  ]);
  const inGap = periodAt(terms, Date.UTC(2026, 3, 15));
  assert.ok((inGap.begun?.endMs ?? 0) < Date.UTC(2026, 3, 15));
  assert.equal(inGap.nextStartMs, terms[1]?.startMs);
  assert.equal(periodAt(terms, Date.UTC(2027, 0, 1)).nextStartMs, undefined);
});

test('a calendar is the same after it was written and read', () => {
  const terms = [{ firstDay: '2026-02-01', lastDay: '2026-03-31' }];
  const calendars: Calendar[] = [
    ...ZONES.flatMap((timeZone) => KINDS.map((kind) => ({ ...kind, timeZone }) as Calendar)),
    { kind: 'term', terms, timeZone: 'America/Argentina/Buenos_Aires' },
  ];
  for (const it of calendars) assert.deepEqual(calendarFrom(calendarText(it)), it);
  for (const text of ['', 'day', 'day Nowhere/City', 'week 8 UTC', 'month 0 UTC', 'term  UTC']) {
    assert.throws(() => calendarFrom(text), /is not a calendar/);
  }
});

test('what is wrong with a calendar is told', () => {
  const timeZone = 'Europe/Berlin';
  const term = (firstDay: string, lastDay: string) => ({ firstDay, lastDay });
  const faultOf = (...terms: { firstDay: string; lastDay: string }[]) =>
    faultOfCalendar({ kind: 'term', terms, timeZone });
  assert.equal(faultOfCalendar({ kind: 'day', timeZone: '+01:00' }), 'time_zone');
  assert.equal(faultOfCalendar({ kind: 'week', weekday: 0, timeZone }), 'weekday');
  assert.equal(faultOfCalendar({ kind: 'month', day: 32, timeZone }), 'day');
  assert.equal(faultOf(), 'terms');
  assert.equal(faultOf(term('2026-02-30', '2026-03-01')), 'terms');
  assert.equal(faultOf(term('2026-03-01', '2026-02-01')), 'terms');
  assert.equal(
    faultOf(term('2026-01-01', '2026-02-01'), term('2026-02-01', '2026-03-01')),
    'terms',
  );
  assert.equal(
    faultOf(term('2026-01-01', '2026-02-01'), term('2026-02-02', '2026-03-01')),
    undefined,
  );
});
