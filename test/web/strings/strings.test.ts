/** Every language has every text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { de } from '../../../web/src/strings/de.ts';
import { en } from '../../../web/src/strings/en.ts';

test('no sentence was left in the other language', () => {
  const same = Object.entries(en).filter(
    ([name, words]) => typeof words === 'string' && words === de[name as keyof typeof de],
  );
  // These are the same word in both.
  assert.deepEqual(same.map(([name]) => name).toSorted(), ['appName', 'conversations', 'system']);
});
