/** What is read aloud is said in parts, none of them too long for browsers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partsOf } from '../../../web/src/shell/spoken-parts.ts';

test('a part ends with a sentence, or with a word', () => {
  assert.deepEqual(partsOf('One. Two words! \n Three'), ['One.', 'Two words!', 'Three']);
  assert.deepEqual(partsOf('  '), []);
  const parts = partsOf('word '.repeat(200));
  assert.ok(parts.every((it) => it.length <= 200));
  assert.equal(parts.join(' '), 'word '.repeat(200).trim());
});
