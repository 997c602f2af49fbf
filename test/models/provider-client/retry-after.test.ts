import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ResponseHeaders,
  retryAfterMs,
} from '../../../src/models/provider-client/retry-after.ts';

const NOW = Date.parse('Tue, 03 Nov 2026 10:00:00 GMT');
const HOUR_MS = 3_600_000;

const ROWS: [name: string, headers: ResponseHeaders, ms: number | undefined][] = [
  ['seconds', { 'retry-after': '20' }, 20_000],
  ['no seconds', { 'retry-after': '0' }, 0],
  ['milliseconds, which are more precise', { 'retry-after-ms': '250', 'retry-after': '1' }, 250],
  ['a date', { 'retry-after': 'Tue, 03 Nov 2026 10:00:30 GMT' }, 30_000],
  ['a date of RFC 850', { 'retry-after': 'Tuesday, 03-Nov-26 10:00:30 GMT' }, 30_000],
  ['a date of asctime', { 'retry-after': 'Tue Nov  3 10:00:30 2026' }, 30_000],
  [
    'a date by the clock of the provider',
    { 'retry-after': 'Tue, 03 Nov 2026 12:00:30 GMT', date: 'Tue, 03 Nov 2026 12:00:00 GMT' },
    30_000,
  ],
  ['a date that has passed', { 'retry-after': 'Tue, 03 Nov 2026 09:00:00 GMT' }, 0],
  ['a week', { 'retry-after': '604800' }, HOUR_MS],
  ['words', { 'retry-after': 'soon' }, undefined],
  ['a negative number', { 'retry-after': '-5' }, undefined],
  ['nothing', {}, undefined],
  [
    'the reset of what is used up',
    {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1m2.5s',
      'x-ratelimit-remaining-tokens': '149984',
      'x-ratelimit-reset-tokens': '6m0s',
    },
    62_500,
  ],
  [
    'the later reset of both',
    {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '20ms',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '7',
    },
    7_000,
  ],
  [
    'a reset that nobody waits for',
    { 'x-ratelimit-remaining-requests': '59', 'x-ratelimit-reset-requests': '1s' },
    undefined,
  ],
];

for (const [name, headers, ms] of ROWS) {
  test(`how long a provider asks to be left alone: ${name}`, () => {
    assert.equal(retryAfterMs(headers, NOW), ms);
  });
}
