/** Every language says everything, also what the server says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REASONS } from '../../src/core/outcome.ts';
import { de } from '../../web/src/strings/de.ts';
import { en } from '../../web/src/strings/en.ts';

test('why a reply is missing is said in every language', () => {
  assert.ok(REASONS.length >= 9);
  assert.deepEqual(
    REASONS.filter((it) => !(it in de.said)),
    [],
  );
});

test('no sentence was left in the other language', () => {
  const same = Object.entries(en).filter(
    ([name, words]) => typeof words === 'string' && words === de[name as keyof typeof de],
  );
  // These are the same word in both.
  assert.deepEqual(same.map(([name]) => name).toSorted(), ['appName', 'username']);
});
