import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchTyped } from '../../../web/src/ui/match-typed.ts';

const LABELS = ['Rename', 'Share', 'Download', 'Delete'];

test('letters find the item that begins with them', () => {
  assert.equal(matchTyped(LABELS, 's', 0), 1);
  assert.equal(matchTyped(LABELS, 'DE', 2), 3);
  assert.equal(matchTyped(LABELS, 'do', 2), 2);
  assert.equal(matchTyped(LABELS, 'x', 0), -1);
});

test('one letter again and again goes round', () => {
  assert.equal(matchTyped(LABELS, 'd', 0), 2);
  assert.equal(matchTyped(LABELS, 'dd', 2), 3);
  assert.equal(matchTyped(LABELS, 'ddd', 3), 2);
});
