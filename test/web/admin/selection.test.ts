/** Selecting rows one by one and in ranges, as in a file manager. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  extendByStep,
  extendTo,
  NOTHING_SELECTED,
  type SelectionState,
  toggle,
} from '../../../web/src/admin/accounts/selection.ts';

const ORDER = [10, 20, 30, 40, 50, 60];

function idsOf({ ids }: SelectionState): number[] {
  return [...ids].toSorted((a, b) => a - b);
}

test('toggling a row selects or deselects it and leaves the others', () => {
  const two = toggle(toggle(NOTHING_SELECTED, 20), 40);
  assert.deepEqual(idsOf(two), [20, 40]);
  assert.deepEqual(idsOf(toggle(two, 20)), [40]);
});

test('a range starts at its anchor, shrinks and turns round', () => {
  const started = toggle(NOTHING_SELECTED, 30);
  const wide = extendTo(started, ORDER, 60);
  assert.deepEqual(idsOf(wide), [30, 40, 50, 60]);
  assert.deepEqual(idsOf(extendTo(wide, ORDER, 40)), [30, 40]);
  assert.deepEqual(idsOf(extendTo(wide, ORDER, 10)), [10, 20, 30]);
});

test('rows outside the range stay selected', () => {
  const both = toggle(toggle(NOTHING_SELECTED, 10), 40);
  const wide = extendTo(both, ORDER, 60);
  assert.deepEqual(idsOf(wide), [10, 40, 50, 60]);
  assert.deepEqual(idsOf(extendTo(wide, ORDER, 40)), [10, 40]);
});

test('a step with Shift starts a range, and a step back shrinks it', () => {
  const down = extendByStep(NOTHING_SELECTED, ORDER, { from: 20, to: 30 });
  assert.deepEqual(idsOf(down), [20, 30]);
  const further = extendByStep(down, ORDER, { from: 30, to: 40 });
  assert.deepEqual(idsOf(further), [20, 30, 40]);
  assert.deepEqual(idsOf(extendByStep(further, ORDER, { from: 40, to: 30 })), [20, 30]);
});

test('a step from another row starts a second range and keeps the first', () => {
  const first = extendByStep(NOTHING_SELECTED, ORDER, { from: 10, to: 20 });
  assert.deepEqual(idsOf(extendByStep(first, ORDER, { from: 50, to: 60 })), [10, 20, 50, 60]);
});

test('a range whose anchor is no longer listed starts anew', () => {
  const started = toggle(NOTHING_SELECTED, 99);
  assert.deepEqual(idsOf(extendTo(started, ORDER, 20)), [20]);
});
