/** Filters in the address of a page become the query for the API. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiQuery, countSet } from '../../../web/src/admin/ui/filter-query.ts';

const NAMES = ['action', 'q', 'from', 'to'];

test('only the named filters that are set are sent', () => {
  const address = new URLSearchParams('action=user.change&q=&other=1');
  assert.equal(String(apiQuery(address, NAMES, 'Z')), 'action=user.change');
  assert.equal(countSet(address, NAMES), 1);
  assert.equal(countSet(new URLSearchParams(), NAMES), 0);
});

test('days become moments, and the last day counts to its end', () => {
  const address = new URLSearchParams('from=2026-11-22&to=2026-11-23');
  assert.deepEqual(Object.fromEntries(apiQuery(address, NAMES, 'Z')), {
    from: '2026-11-22T00:00:00.000Z',
    to: '2026-11-23T23:59:59.999Z',
  });
});

test('without UTC, days are those of the reader', () => {
  const query = apiQuery(new URLSearchParams('from=2026-11-22'), NAMES, '');
  assert.equal(query.get('from'), new Date(2026, 10, 22).toISOString());
});

test('a day that is none is sent as it is, for the server to refuse', () => {
  const query = apiQuery(new URLSearchParams('from=2026-13-40&to=today'), NAMES, 'Z');
  assert.deepEqual(Object.fromEntries(query), { from: '2026-13-40', to: 'today' });
});
