import assert from 'node:assert/strict';
import { test } from 'node:test';
import { likelyHeight } from '../../../web/src/chat/likely-height.ts';

test('a long answer is likely to be high, a long message of one’s own is folded', () => {
  const short = likelyHeight({ content: 'a', reply: 'b' });
  assert.ok(short > 150 && short < 300);
  assert.ok(likelyHeight({ content: 'a', reply: 'word '.repeat(1_000) }) > 1_500);
  assert.ok(likelyHeight({ content: 'a', reply: '\n'.repeat(100) }) > 1_000);
  assert.ok(likelyHeight({ content: 'word '.repeat(4_000), reply: null }) < 600);
});
