/** Rows that are selected one by one and in ranges, as file managers do it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  extendedTo,
  NOTHING_SELECTED,
  type Selected,
  stepped,
  toggled,
} from '../../../web/src/admin/accounts/selected.ts';

const ORDER = [10, 20, 30, 40, 50, 60];

function idsOf({ ids }: Selected): number[] {
  return [...ids].toSorted((a, b) => a - b);
}

test('a row is selected and taken out again, the others stay', () => {
  const two = toggled(toggled(NOTHING_SELECTED, 20), 40);
  assert.deepEqual(idsOf(two), [20, 40]);
  assert.deepEqual(idsOf(toggled(two, 20)), [40]);
});

test('a range goes from where it began, becomes smaller and turns round', () => {
  const begun = toggled(NOTHING_SELECTED, 30);
  const wide = extendedTo(begun, ORDER, 60);
  assert.deepEqual(idsOf(wide), [30, 40, 50, 60]);
  assert.deepEqual(idsOf(extendedTo(wide, ORDER, 40)), [30, 40]);
  assert.deepEqual(idsOf(extendedTo(wide, ORDER, 10)), [10, 20, 30]);
});

test('what was selected besides a range stays as it was', () => {
  const both = toggled(toggled(NOTHING_SELECTED, 10), 40);
  const wide = extendedTo(both, ORDER, 60);
  assert.deepEqual(idsOf(wide), [10, 40, 50, 60]);
  assert.deepEqual(idsOf(extendedTo(wide, ORDER, 40)), [10, 40]);
});

test('a step with Shift begins a range, a step back makes it smaller', () => {
  const down = stepped(NOTHING_SELECTED, ORDER, { from: 20, to: 30 });
  assert.deepEqual(idsOf(down), [20, 30]);
  const further = stepped(down, ORDER, { from: 30, to: 40 });
  assert.deepEqual(idsOf(further), [20, 30, 40]);
  assert.deepEqual(idsOf(stepped(further, ORDER, { from: 40, to: 30 })), [20, 30]);
});

test('a step from elsewhere begins another range and keeps the one before', () => {
  const first = stepped(NOTHING_SELECTED, ORDER, { from: 10, to: 20 });
  assert.deepEqual(idsOf(stepped(first, ORDER, { from: 50, to: 60 })), [10, 20, 50, 60]);
});

test('a range that began at a row that is not there any more begins anew', () => {
  const begun = toggled(NOTHING_SELECTED, 99);
  assert.deepEqual(idsOf(extendedTo(begun, ORDER, 20)), [20]);
});
