import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../src/config.ts';
import { timesIn } from '../../src/core/shown-time.ts';

test('a moment is named in the language and the time zone of the site, summer and winter', () => {
  const winter = Date.UTC(2026, 10, 29, 23, 5);
  const summer = Date.UTC(2026, 6, 1, 12, 0);
  assert.equal(timesIn('en-GB', 'Europe/Berlin')(winter), '30 November 2026 at 00:05 CET');
  assert.equal(timesIn('de-DE', 'Europe/Berlin')(winter), '30. November 2026 um 00:05 MEZ');
  assert.equal(timesIn('de-DE', 'Europe/Berlin')(summer), '1. Juli 2026 um 14:00 MESZ');
  assert.equal(timesIn('en-GB', 'Asia/Kolkata')(summer), '1 July 2026 at 17:30 GMT+5:30');
});

test('a time zone that is none is named at the start, with the nearest', () => {
  const zoneOf = (name: string) =>
    loadConfig({ CHIT_TIME_ZONE: name }, 'no such file').config.timeZone;
  assert.equal(zoneOf('Europe/Berlin'), 'Europe/Berlin');
  assert.throws(() => zoneOf('Europe/Berln'), /CHIT_TIME_ZONE.*Did you mean Europe\/Berlin\?/);
  assert.throws(() => zoneOf('+01:00'), /is no time zone/);
  assert.notEqual(zoneOf(''), '');
});
