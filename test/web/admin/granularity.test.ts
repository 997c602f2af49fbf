/** The periods of usage: hours, days and months in UTC. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import {
  endOfPeriod,
  granularityOf,
  periodText,
  startOfPeriod,
  tickLabels,
} from '../../../web/src/admin/usage/granularity.ts';
import { language } from '../../../web/src/state/preferences.ts';

const HOUR = '2026-11-23T18';
const DAY = '2026-11-23';
const MONTH = '2026-12';

beforeEach(() => {
  language.value = 'en';
});

test('a period tells its granularity', () => {
  assert.deepEqual([HOUR, DAY, MONTH].map(granularityOf), ['hour', 'day', 'month']);
});

test('periods start and end in UTC, months with their own length', () => {
  const limits = [HOUR, DAY, MONTH, '2028-02'].map((period) => {
    const start = startOfPeriod(period);
    const end = endOfPeriod(start, granularityOf(period));
    return [start, end].map((seconds) => new Date(seconds * 1000).toISOString());
  });
  assert.deepEqual(limits, [
    ['2026-11-23T18:00:00.000Z', '2026-11-23T19:00:00.000Z'],
    ['2026-11-23T00:00:00.000Z', '2026-11-24T00:00:00.000Z'],
    ['2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
  ]);
});

test('a period is written as a date in the chosen language', () => {
  assert.match(periodText(startOfPeriod(HOUR), 'hour'), /^Mon, Nov 23.*18:00$/);
  assert.equal(periodText(startOfPeriod(MONTH), 'month'), 'December 2026');
  language.value = 'de';
  assert.equal(periodText(startOfPeriod(DAY), 'day'), 'Mo., 23. Nov. 2026');
});

test('ticks of hours show the hour, and the day where they are a day apart', () => {
  const start = startOfPeriod(DAY);
  assert.deepEqual(tickLabels([start, start + 6 * 3_600], 'hour'), ['00:00', '06:00']);
  assert.deepEqual(tickLabels([start, start + 24 * 3_600], 'hour'), ['Nov 23', 'Nov 24']);
  assert.deepEqual(tickLabels([startOfPeriod(MONTH)], 'month'), ['Dec']);
});
