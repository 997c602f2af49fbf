/** Thoughts and what is asked of tools, apart in the journal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinedOutput, outputIn } from '../../src/core/journaled-output.ts';

test('what was joined piece by piece comes apart again', () => {
  const pieces = [
    { nonReplyOutput: 'I have ', toolOutput: '' },
    { nonReplyOutput: 'to look.', toolOutput: 'search{"query":' },
    { nonReplyOutput: '', toolOutput: '"bees"}' },
  ];
  assert.deepEqual(outputIn(pieces.map(joinedOutput)), {
    nonReplyOutput: 'I have to look.',
    toolOutput: 'search{"query":"bees"}',
  });
});

test('a model that writes the mark itself loses nothing but the mark', () => {
  const joined = joinedOutput({ nonReplyOutput: 'a\u{FFFF}b', toolOutput: 'c\u{FFFF}d' });
  assert.deepEqual(outputIn([joined]), { nonReplyOutput: 'a\u{FFFD}b', toolOutput: 'c\u{FFFD}d' });
});
