/** Messages are counted before they are sent, in code points like the server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tooLong } from '../../../web/src/state/machines/message-length.ts';

test('a message may have as many characters as the site allows, and no more', () => {
  assert.equal(tooLong('abc', 3), undefined);
  assert.deepEqual(tooLong('abcd', 3), { length: 4, max: 3 });
  // Each is one character of two units.
  assert.equal(tooLong('😀😀😀', 3), undefined);
  assert.deepEqual(tooLong('😀😀😀😀', 3), { length: 4, max: 3 });
});

test('without a known limit the server decides', () => {
  assert.equal(tooLong('x'.repeat(1_000_000), undefined), undefined);
});
