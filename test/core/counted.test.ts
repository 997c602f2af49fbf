import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted } from '../../src/core/counted.ts';

test('one is one, and nothing is many', () => {
  const texts = [0, 1, 2].map((count) => counted(count, 'token'));
  assert.deepEqual(texts, ['0 tokens', '1 token', '2 tokens']);
  assert.equal(counted(1, 'entry', 'entries'), '1 entry');
  assert.equal(counted(-1, 'token'), '-1 token');
});
