import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeBeside } from '../../../web/src/ui/place-beside.ts';

const PHONE = { width: 390, height: 844 };
const BELOW = { align: 'start', side: 'below' } as const;

test('what floats is in line with what it is about', () => {
  const anchor = { left: 40, top: 100, width: 60, height: 36 };
  const size = { width: 200, height: 300 };
  assert.deepEqual(placeBeside(anchor, size, PHONE, BELOW), { left: 40, top: 140, maxHeight: 696 });
  assert.equal(
    placeBeside({ ...anchor, left: 300 }, size, PHONE, { ...BELOW, align: 'end' }).left,
    160,
  );
});

test('it stays in the window', () => {
  const anchor = { left: 350, top: 100, width: 36, height: 36 };
  const size = { width: 280, height: 300 };
  assert.equal(placeBeside(anchor, size, PHONE, BELOW).left, 102);
  assert.equal(
    placeBeside({ ...anchor, left: 0 }, size, PHONE, { ...BELOW, align: 'end' }).left,
    8,
  );
  assert.equal(placeBeside(anchor, { width: 500, height: 10 }, PHONE, BELOW).left, 8);
});

test('it is on the other side where only that one has room, and scrolls where neither has', () => {
  const low = { left: 40, top: 700, width: 60, height: 36 };
  const size = { width: 200, height: 300 };
  assert.equal(placeBeside(low, size, PHONE, BELOW).top, 396);
  const high = { ...low, top: 20 };
  assert.equal(placeBeside(high, size, PHONE, { align: 'start', side: 'above' }).top, 60);
  const huge = { width: 200, height: 2_000 };
  assert.deepEqual(placeBeside(low, huge, PHONE, BELOW), { left: 40, top: 8, maxHeight: 688 });
});
