/** The audit log says periods in words, whatever it keeps. */
import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { calendarText } from '../../../src/core/calendar.ts';
import {
  readPeriod,
  renewalFact,
  windowFact,
  windowsFact,
} from '../../../web/src/admin/staff/period-facts.ts';
import { language } from '../../../web/src/state/preferences.ts';
import { loadGerman } from '../../../web/src/strings/strings.ts';

const timeZone = 'Europe/Berlin';
const TERMS = [
  { firstDay: '2031-02-01', lastDay: '2031-06-30' },
  { firstDay: '2031-09-01', lastDay: '2031-12-20' },
];
const CALENDARS = [
  { kind: 'day', timeZone },
  { kind: 'week', weekday: 3, timeZone },
  { kind: 'month', day: 22, timeZone },
  { kind: 'month', day: 31, timeZone: 'America/New_York' },
  { kind: 'term', terms: TERMS, timeZone },
] as const;

before(loadGerman);
beforeEach(() => {
  language.value = 'en';
});

test('what renews is said in words', () => {
  const said = CALENDARS.map((it) => renewalFact(calendarText(it)));
  assert.deepEqual(said.slice(0, 4), [
    'every day (Europe/Berlin)',
    'every Wednesday (Europe/Berlin)',
    'on the 22nd of every month (Europe/Berlin)',
    'on the last day of every month (America/New York)',
  ]);
  assert.match(said[4] ?? '', /^each of 2 terms, .*February.* 2031 to .*December.* 2031 \(/);
  assert.equal(renewalFact('2 terms 2031-02-01/2031-12-20 Europe/Berlin'), said[4]);
  language.value = 'de';
  assert.deepEqual(
    CALENDARS.map((it) => renewalFact(calendarText(it))),
    [
      'jeden Tag (Europe/Berlin)',
      'jede Woche am Mittwoch (Europe/Berlin)',
      'am 22. jedes Monats (Europe/Berlin)',
      'am letzten Tag jedes Monats (America/New York)',
      '2 Zeiträume vom 1. Februar 2031 bis zum 20. Dezember 2031 (Europe/Berlin)',
    ],
  );
});

test('so are limits, also those of a plan', () => {
  const said = ['none', '5 h', '1 h', 'day UTC', 'month 3 UTC'].map(windowFact);
  assert.deepEqual(said, [
    'in total',
    'every 5 hours, from first use',
    'every hour, from first use',
    'a day (UTC)',
    'a month, from the 3rd (UTC)',
  ]);
  const windows = '300 in 5 hours, 1 in week 1 Europe/Berlin';
  assert.equal(
    windowsFact(windows),
    '300 tokens every 5 hours, from first use; 1 token a week, from Monday (Europe/Berlin)',
  );
  language.value = 'de';
  assert.equal(
    windowsFact(windows),
    '300 Token alle 5 Stunden ab der ersten Nutzung; 1 Token pro Woche ab Montag (Europe/Berlin)',
  );
});

test('text that is no period stays as it is', () => {
  for (const text of ['', 'soon', 'week 9 UTC', 'month Europe/Berlin', '300 within 5 hours']) {
    assert.equal(readPeriod(text), undefined);
    assert.deepEqual([renewalFact(text), windowFact(text), windowsFact(text)], [text, text, text]);
  }
});
